//! What the fields of records are made of.

use super::record::{Fill, Many, Reader, Value, Writer};
use crate::model::go_json::{GoTime, Node};
use crate::model::map::Map;
use crate::model::py_json::Decimal;

impl Value for String {
    fn fill(&self) -> Fill {
        if self.is_empty() { Fill::Nothing } else { Fill::Something }
    }

    fn write(&self, out: &mut Writer) {
        out.string(self);
    }

    fn read(&mut self, node: Node<'_>, reader: &mut Reader) {
        match node {
            Node::Text(text) => *self = text,
            _ => reader.refuse_unless_null(&node, "a text"),
        }
    }
}

impl Value for i64 {
    fn fill(&self) -> Fill {
        if *self == 0 { Fill::Zero } else { Fill::Something }
    }

    fn write(&self, out: &mut Writer) {
        out.raw(&self.to_string());
    }

    fn read(&mut self, node: Node<'_>, reader: &mut Reader) {
        let Node::Number(text) = node else { return reader.refuse_unless_null(&node, "a whole number") };
        match text.parse() {
            Ok(number) => *self = number,
            Err(_) => reader.refuse("a whole number of at most 64 bits, without a point or an exponent"),
        }
    }
}

/// A count.
macro_rules! counts {
    ($($count:ty),+) => {
        $(impl Value for $count {
            fn fill(&self) -> Fill {
                if *self == 0 { Fill::Zero } else { Fill::Something }
            }

            fn write(&self, out: &mut Writer) {
                // More than files can have is as good as that.
                i64::try_from(*self).unwrap_or(i64::MAX).write(out);
            }

            fn read(&mut self, node: Node<'_>, reader: &mut Reader) {
                let mut number = 0_i64;
                number.read(node, reader);
                match Self::try_from(number) {
                    Ok(count) => *self = count,
                    Err(_) => reader.refuse("a whole number from 0"),
                }
            }
        })+
    };
}

counts!(u32, u64);

impl Value for f64 {
    fn fill(&self) -> Fill {
        if *self == 0.0 { Fill::Zero } else { Fill::Something }
    }

    fn write(&self, out: &mut Writer) {
        out.float(*self);
    }

    fn read(&mut self, node: Node<'_>, reader: &mut Reader) {
        let Node::Number(text) = node else { return reader.refuse_unless_null(&node, "a number") };
        match Decimal::of(text).to_f64() {
            Some(number) => *self = number,
            None => reader.refuse("a number in the range of a double"),
        }
    }
}

impl Value for bool {
    fn fill(&self) -> Fill {
        if *self { Fill::Something } else { Fill::Zero }
    }

    fn write(&self, out: &mut Writer) {
        out.raw(if *self { "true" } else { "false" });
    }

    fn read(&mut self, node: Node<'_>, reader: &mut Reader) {
        match node {
            Node::Bool(flag) => *self = flag,
            _ => reader.refuse_unless_null(&node, "true or false"),
        }
    }
}

impl Value for GoTime {
    fn write(&self, out: &mut Writer) {
        out.string(&self.to_string());
    }

    fn read(&mut self, node: Node<'_>, reader: &mut Reader) {
        let Node::Text(text) = node else { return reader.refuse_unless_null(&node, "a time") };
        match Self::parse(&text) {
            Ok(time) => *self = time,
            Err(_) => reader.refuse("a time as RFC 3339 has it"),
        }
    }
}

impl<T: Value + Default> Value for Vec<T> {
    fn fill(&self) -> Fill {
        if self.is_empty() { Fill::Nothing } else { Fill::Something }
    }

    fn write(&self, out: &mut Writer) {
        out.list(self);
    }

    fn read(&mut self, node: Node<'_>, reader: &mut Reader) {
        self.clear();
        reader.list(self, node);
    }
}

impl<T: Value + Default> Many for Vec<T> {
    fn at(&self, place: usize) -> Option<(&str, &dyn Value)> {
        self.get(place).map(|value| ("", value as &dyn Value))
    }

    fn add(&mut self, _: String, node: Node<'_>, reader: &mut Reader) {
        let mut value = T::default();
        value.read(node, reader);
        self.push(value);
    }
}

impl<T: Value + Default> Value for Map<T> {
    fn fill(&self) -> Fill {
        if self.is_empty() { Fill::Nothing } else { Fill::Something }
    }

    fn write(&self, out: &mut Writer) {
        out.map(self);
    }

    fn read(&mut self, node: Node<'_>, reader: &mut Reader) {
        self.clear();
        reader.map(self, node);
    }
}

impl<T: Value + Default> Many for Map<T> {
    fn at(&self, place: usize) -> Option<(&str, &dyn Value)> {
        self.at(place).map(|(name, value)| (name, value as &dyn Value))
    }

    fn add(&mut self, name: String, node: Node<'_>, reader: &mut Reader) {
        let mut value = T::default();
        value.read(node, reader);
        self.insert(name, value);
    }
}

/// `null` is nothing, in a view too.
impl<T: Value + Default> Value for Option<T> {
    fn fill(&self) -> Fill {
        match self.as_ref().map_or(Fill::Nothing, T::fill) {
            Fill::Zero => Fill::Something,
            fill => fill,
        }
    }

    fn write(&self, out: &mut Writer) {
        match self {
            Some(value) => value.write(out),
            None => out.raw("null"),
        }
    }

    fn read(&mut self, node: Node<'_>, reader: &mut Reader) {
        *self = (node != Node::Null).then(|| {
            let mut value = T::default();
            value.read(node, reader);
            value
        });
    }
}
