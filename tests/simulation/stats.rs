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
            /// The numbers alone.
            pub(crate) fn numbers(&self) -> Vec<u64> {
                vec![$(self.$name.get()),*]
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

impl Stats {
    /// Fails where less happened than does in a run of so many schedules.
    pub(crate) fn assert_enough(&self) {
        let each_hundred = [
            ("acknowledged", &self.acknowledged, 700),
            ("conflicts", &self.conflicts, 100),
            ("refused", &self.refused, 20),
            ("uncertain", &self.uncertain, 40),
            ("uncertain_but_there", &self.uncertain_but_there, 20),
            ("reads", &self.reads, 700),
            ("refreshes", &self.refreshes, 400),
            ("kills", &self.kills, 30),
            ("faults", &self.faults, 60),
            ("late", &self.late, 3),
            ("sleeps", &self.sleeps, 60),
            ("suspensions", &self.suspensions, 80),
            ("given_up", &self.given_up, 25),
            ("reopened", &self.reopened, 50),
            ("checkpoints", &self.checkpoints, 200),
            ("trims", &self.trims, 150),
            ("without_locks", &self.without_locks, 20),
            ("mixed", &self.mixed, 20),
            ("swept", &self.swept, 25),
        ];
        // Too few schedules tell nothing.
        for (name, count, floor) in each_hundred.into_iter().filter(|_| self.schedules.get() >= 1_000) {
            let floor = floor * self.schedules.get() / 100;
            assert!(
                count.get() >= floor,
                "only {} {name}, not {floor}: the simulation hardly does anything",
                count.get()
            );
        }
    }
}

stats! {
    schedules steps acknowledged conflicts refused uncertain uncertain_but_there reads refreshes kills faults late
    sleeps suspensions given_up reopened checkpoints trims without_locks mixed swept
}
