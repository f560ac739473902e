//! The dialect against what Python's `json` module made of the same texts.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use super::{decimal, read, write};
use crate::error::ErrorKind;
use proptest::prelude::*;

/// A number as it was read, and as Python prints it.
const NUMBERS: [(&str, &str); 62] = [
    ("2.98023223876953125e-08", "2.9802322387695312e-08"),
    ("-1441549475982030.25", "-1441549475982030.2"),
    ("-1441549475982030.75", "-1441549475982030.8"),
    ("1441549475982030.125", "1441549475982030.0"),
    ("0.0", "0.0"),
    ("-0.0", "-0.0"),
    ("1.0", "1.0"),
    ("1.50", "1.5"),
    ("1E5", "100000.0"),
    ("1e5", "100000.0"),
    ("1e15", "1000000000000000.0"),
    ("1e16", "1e+16"),
    ("1e+16", "1e+16"),
    ("123456789012345680.0", "1.2345678901234568e+17"),
    ("0.0001", "0.0001"),
    ("0.00001", "1e-05"),
    ("1e-5", "1e-05"),
    ("0.1000000000000000055511151231257827", "0.1"),
    ("0.30000000000000004", "0.30000000000000004"),
    ("1.7976931348623157e308", "1.7976931348623157e+308"),
    ("2.2250738585072014e-308", "2.2250738585072014e-308"),
    ("5e-324", "5e-324"),
    ("4.94065645841247e-324", "5e-324"),
    ("3e-324", "5e-324"),
    ("2e-324", "0.0"),
    ("1e-400", "0.0"),
    ("0e999999999999", "0.0"),
    ("2.2250738585072011e-308", "2.225073858507201e-308"),
    ("9007199254740993.0", "9007199254740992.0"),
    ("9007199254740992.5", "9007199254740992.0"),
    ("5.684341886080801e-14", "5.684341886080801e-14"),
    ("5.684341886080802e-14", "5.684341886080802e-14"),
    ("5.6843418860808015e-14", "5.684341886080802e-14"),
    ("1e23", "1e+23"),
    ("9.5367431640625e-07", "9.5367431640625e-07"),
    ("123456.789e-3", "123.456789"),
    ("-12.5e0", "-12.5"),
    ("1E-7", "1e-07"),
    ("100000000000000000000.0", "1e+20"),
    ("1e22", "1e+22"),
    ("1e21", "1e+21"),
    ("12345678901234567890.5", "1.2345678901234567e+19"),
    ("0.1e1", "1.0"),
    ("3.141592653589793238462643383279", "3.141592653589793"),
    ("1741878693.447327", "1741878693.447327"),
    ("4.35", "4.35"),
    ("1.1125369292536007e-308", "1.1125369292536007e-308"),
    ("8.41e21", "8.41e+21"),
    ("9007199254740991.0", "9007199254740991.0"),
    ("1.00000000000000000000000000000000000000001", "1.0"),
    (
        "0.000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000007",
        "7e-321",
    ),
    (
        "1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000.0",
        "1e+300",
    ),
    ("4.5035996273704965e15", "4503599627370496.0"),
    ("1.00000000000000011102230246251565404236316680908203125", "1.0"),
    ("1.00000000000000011102230246251565404236316680908203124", "1.0"),
    ("1.00000000000000011102230246251565404236316680908203126", "1.0000000000000002"),
    (
        "179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000.0",
        "1.7976931348623157e+308",
    ),
    ("6.0221407e+23", "6.0221407e+23"),
    ("2.5e-1", "0.25"),
    ("1e-4", "0.0001"),
    ("1e-3", "0.001"),
    ("0.00123456789012345678", "0.0012345678901234567"),
];

/// A text, and what `json.dumps(json.loads(text), indent=2)` makes of it.
const TEXTS: [(&str, &str); 14] = [
    ("{}", "{}"),
    ("[]", "[]"),
    ("null", "null"),
    ("true", "true"),
    ("\"a/b\"", "\"a/b\""),
    (
        "{\"a\":[],\"b\":{},\"c\":[1,-2,123456789012345678901234567890],\"d\":{\"e\":[{\"f\":null},[[]]]}}",
        "{\n  \"a\": [],\n  \"b\": {},\n  \"c\": [\n    1,\n    -2,\n    123456789012345678901234567890\n  ],\n  \"d\": {\n    \"e\": [\n      {\n        \"f\": null\n      },\n      [\n        []\n      ]\n    ]\n  }\n}",
    ),
    (
        "\"\\u00e9\\ud83d\\ude00\\u007f\\u0041\\u0022\\u005c\\u002f\\u000a\\u0008\\u001f\\/\"",
        "\"\\u00e9\\ud83d\\ude00\\u007fA\\\"\\\\/\\n\\b\\u001f/\"",
    ),
    (
        "\"é😀\u{7f}\\b\\f\\n\\r\\t\\\"\\\\ \u{2028}\"",
        "\"\\u00e9\\ud83d\\ude00\\u007f\\b\\f\\n\\r\\t\\\"\\\\ \\u2028\"",
    ),
    ("{\"é\":\"ü\"}", "{\n  \"\\u00e9\": \"\\u00fc\"\n}"),
    (
        "[1,[2,[3,[4]]],{\"x\":{\"y\":{}}}]",
        "[\n  1,\n  [\n    2,\n    [\n      3,\n      [\n        4\n      ]\n    ]\n  ],\n  {\n    \"x\": {\n      \"y\": {}\n    }\n  }\n]",
    ),
    ("{\"a\":1,\"b\":2,\"a\":[3]}", "{\n  \"a\": [\n    3\n  ],\n  \"b\": 2\n}"),
    (
        "{\"a\":{\"x\":1,\"y\":2,\"x\":{\"z\":1,\"z\":2}},\"b\":[{\"c\":1,\"c\":2}]}",
        "{\n  \"a\": {\n    \"x\": {\n      \"z\": 2\n    },\n    \"y\": 2\n  },\n  \"b\": [\n    {\n      \"c\": 2\n    }\n  ]\n}",
    ),
    ("\"[1,2]{}:\"", "\"[1,2]{}:\""),
    ("[ 1 , \"a b\" ]", "[\n  1,\n  \"a b\"\n]"),
];

fn number(text: &str) -> String {
    let mut out = String::new();
    decimal::push(&mut out, text);
    out
}

#[test]
fn numbers_are_printed_as_python_prints_them() {
    for (text, printed) in NUMBERS {
        assert_eq!(number(text), printed, "{text}");
    }
    for whole in ["0", "-7", "9007199254740993", "123456789012345678901234567890"] {
        assert_eq!(number(whole), whole);
    }
}

#[test]
fn texts_are_written_as_python_writes_them() {
    for (text, written) in TEXTS {
        let read = read(text, 100, false).unwrap();
        assert_eq!(write(&read), written, "{text}");
        let values = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(values(written), values(read.as_str()), "{text}");
    }
}

#[test]
fn what_is_read_is_the_text_that_javascript_would_write() {
    let text = r#"{"\u00e9\/":"\ud83d\ude00a\ud83d\ude00\u0041\u0022\u005c\u002f\u000a\u0001\u007f\\u0041\b\""}"#;
    let wanted = "{\"é/\":\"😀a😀A\\\"\\\\/\\n\\u0001\u{7f}\\\\u0041\\b\\\"\"}";
    assert_eq!(read(text, 100, false).unwrap().as_str(), wanted);
}

#[test]
fn what_is_no_json_is_refused_and_named() {
    let deep = "[".repeat(101) + &"]".repeat(101);
    for text in ["", " ", "{", "[1,]", "{'a':1}", "\u{feff}[]", "[1e999]", r#""\ud800""#, &deep, "[] []", "[nan]"] {
        assert_eq!(read(text, 100, true).unwrap_err().kind(), ErrorKind::InvalidDocument, "{text}");
    }
    for (text, named) in [("[NaN]", "NaN"), (r#"{"a":-Infinity}"#, "-Infinity"), ("[1,Infinity]", "Infinity")] {
        let error = read(text, 100, false).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidDocument);
        assert!(error.message().starts_with(named), "{error}");
    }
    let lenient = read(r#"["NaN \" -Infinity",NaN,-Infinity,{"Infinity":Infinity},-1]"#, 100, true).unwrap();
    assert_eq!(lenient.as_str(), r#"["NaN \" -Infinity",null,null,{"Infinity":null},-1]"#);
}

/// The shortest digits, as the standard library prints them, in Python's form.
fn printed(value: f64) -> String {
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap();
    let exponent: i32 = exponent.parse().unwrap();
    if (-4..16).contains(&exponent) {
        let text = format!("{value}");
        return if text.contains('.') { text } else { text + ".0" };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// Whether these are the digits of this double, as few as can be. Of two that are as near to it Python takes the even one, the
/// standard library the larger one.
fn is_shortest(digits: &str, value: f64) -> bool {
    let printed = printed(value);
    digits == printed
        || (digits.len() == printed.len() && digits.parse() == Ok(value) && is_even(digits) && !is_even(&printed))
}

fn is_even(digits: &str) -> bool {
    let mantissa = digits.split('e').next().unwrap();
    mantissa.ends_with(['0', '2', '4', '6', '8'])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn the_digits_of_every_double_are_the_shortest_ones(bits in any::<u64>(), places in 0..25_usize) {
        let value = f64::from_bits(bits);
        prop_assume!(value.is_finite());
        for text in [format!("{value:e}"), format!("{value:.places$e}"), format!("{value:.800e}")] {
            let read: f64 = text.parse().unwrap();
            if read.is_finite() {
                prop_assert!(is_shortest(&number(&text), read), "{}", text);
            }
        }
    }

    #[test]
    fn the_digits_of_ordinary_numbers_are_the_shortest_ones(whole in -1_000_000_i64..1_000_000, fraction in 0.0..1.0_f64, power in 0..60_i32) {
        for value in [whole as f64 + fraction, fraction, 2.0_f64.powi(power), 2.0_f64.powi(-power)] {
            let text = format!("{value:.30}");
            prop_assert!(is_shortest(&number(&text), text.parse().unwrap()), "{}", text);
            let text = format!("{value:e}");
            prop_assert!(is_shortest(&number(&text), value), "{}", text);
        }
    }

    #[test]
    fn what_is_written_reads_as_the_same_text(text in "\\PC*", names in prop::collection::vec("[a-c\"\\\\é😀\n]{0,3}", 0..5)) {
        let mut object = crate::model::json::ObjectWriter::default();
        for (place, name) in names.iter().enumerate() {
            object.raw(name, &format!("[{place},[],{{}},{}]", crate::model::json::string(&text)));
        }
        let once = read(object.finish().as_str(), 100, false).unwrap();
        let written = write(&once);
        prop_assert!(written.is_ascii());
        let values: serde_json::Value = serde_json::from_str(&written).unwrap();
        let wanted: serde_json::Value = once.read().unwrap();
        prop_assert_eq!(values, wanted);
        prop_assert_eq!(write(&read(&written, 100, false).unwrap()), written);
    }
}
