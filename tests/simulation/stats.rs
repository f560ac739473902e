//! How much happened: a simulation that does nothing has to fail.

use std::cell::Cell;
use std::fmt;

#[derive(Debug, Default)]
pub(crate) struct Count(Cell<u64>);

impl Count {
    pub(crate) fn add(&self, more: u64) {
        self.0.set(self.0.get() + more);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.get()
    }
}

macro_rules! stats {
    ($($name:ident)*) => {
        /// What happened in all schedules of a run.
        #[derive(Debug, Default)]
        pub(crate) struct Stats { $(pub $name: Count),* }

        impl Stats {
            /// The same numbers as plain ones, to be sent to another thread.
            pub(crate) fn numbers(&self) -> Vec<u64> {
                vec![$(self.$name.get()),*]
            }

            pub(crate) fn take_in(&self, numbers: &[u64]) {
                let mut numbers = numbers.iter();
                $(self.$name.add(*numbers.next().unwrap());)*
            }
        }

        impl fmt::Display for Stats {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                $(writeln!(f, "{:>12} {}", self.$name.get(), stringify!($name))?;)*
                Ok(())
            }
        }
    };
}

stats! {
    schedules steps acknowledged conflicts refused uncertain uncertain_but_there reads refreshes kills faults late
    sleeps suspensions given_up reopened checkpoints trims without_locks swept
}
