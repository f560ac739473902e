//! The dialect against what Go's `encoding/json` makes of the same values.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use super::{GoTime, Node, decoded, indented, parse, parse_strictly, push_float, push_string};
use crate::error::ErrorKind;
use crate::model::Timestamp;
use crate::model::py_json::Decimal;
use proptest::prelude::*;

fn string(text: &str) -> String {
    let mut out = String::new();
    push_string(&mut out, text);
    out
}

fn float(value: f64) -> String {
    let mut out = String::new();
    push_float(&mut out, value);
    out
}

#[test]
fn strings_are_escaped_as_go_escapes_them() {
    let strings = [
        ("", r#""""#),
        ("a/b日本😀é", r#""a/b日本😀é""#),
        ("\"\\", r#""\"\\""#),
        ("\u{8}\u{c}\n\r\t", r#""\b\f\n\r\t""#),
        ("\0\u{1}\u{b}\u{1f}\u{7f}", "\"\\u0000\\u0001\\u000b\\u001f\u{7f}\""),
        ("<a href=\"x\">&</a>", r#""\u003ca href=\"x\"\u003e\u0026\u003c/a\u003e""#),
        ("\u{2027}\u{2028}\u{2029}\u{202a}\u{fffd}", "\"\u{2027}\\u2028\\u2029\u{202a}\u{fffd}\""),
    ];
    for (text, written) in strings {
        assert_eq!(string(text), written, "{text:?}");
        assert_eq!(parse(written).unwrap(), Node::Text(text.to_owned()), "{text:?}");
    }
}

#[test]
fn numbers_are_printed_as_go_prints_them() {
    let numbers = [
        (0.0, "0"),
        (-0.0, "-0"),
        (1.0, "1"),
        (-12.5, "-12.5"),
        (100.0, "100"),
        (0.1 + 0.2, "0.30000000000000004"),
        (0.000_001, "0.000001"),
        (0.000_001_5, "0.0000015"),
        (0.000_000_999_999, "9.99999e-7"),
        (1e-7, "1e-7"),
        (1.5e-9, "1.5e-9"),
        (-1.5e-10, "-1.5e-10"),
        (1e20, "100000000000000000000"),
        (123_456_789_012_345_680_000.0, "123456789012345680000"),
        (1e21, "1e+21"),
        (1.25e21, "1.25e+21"),
        (1e100, "1e+100"),
        (5e-324, "5e-324"),
        (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
        (f64::MAX, "1.7976931348623157e+308"),
        (9_007_199_254_740_993.0, "9007199254740992"),
        (f64::NAN, "null"),
        (f64::NEG_INFINITY, "null"),
    ];
    for (value, printed) in numbers {
        assert_eq!(float(value), printed);
    }
}

#[test]
fn the_indented_layout_has_two_spaces_a_level_and_keeps_what_is_empty_together() {
    let compact = r#"{"a":[],"b":{},"c":[1,{"d":"[{,:\"}"},[[]]],"e":null}"#;
    let lines = "{\n  \"a\": [],\n  \"b\": {},\n  \"c\": [\n    1,\n    {\n      \"d\": \"[{,:\\\"}\"\n    },\n    [\n      []\n    ]\n  ],\n  \"e\": null\n}";
    assert_eq!(indented(compact), lines);
    assert_eq!(parse(lines).unwrap(), parse(compact).unwrap());
    assert_eq!(indented("{}"), "{}");
    assert_eq!(indented("\"a\""), "\"a\"");
}

#[test]
fn what_go_forgives_is_read() {
    for (text, read) in [
        (&br#" "\ud800" "#[..], "\u{fffd}"),
        (br#""\udc00\ud800""#, "\u{fffd}\u{fffd}"),
        (br#""\ud83d\u0041\ud83dx\ud83d\ude00""#, "\u{fffd}A\u{fffd}x😀"),
        (br#""\ud800\ud83d\ude00""#, "\u{fffd}😀"),
        (b"\"a\xff\xe6\x97\"", "a\u{fffd}\u{fffd}\u{fffd}"),
        (br#""\/\u003C""#, "/<"),
    ] {
        assert_eq!(parse(&decoded(text)).unwrap(), Node::Text(read.to_owned()), "{text:?}");
    }
    assert_eq!(parse(" \t\r\n{ } ").unwrap(), Node::Object(Vec::new()));
    assert_eq!(parse("-0.5e+07").unwrap(), Node::Number("-0.5e+07"));
    assert!(parse_strictly(r#""\ud83d\ude00""#).is_ok());
    assert!(parse_strictly(r#""\ud83d\u0041""#).is_err());
}

#[test]
fn what_is_no_json_is_refused_and_its_place_named() {
    let deep = "[".repeat(101) + &"]".repeat(101);
    let deeper = "{\"a\":".repeat(100_000);
    for text in [
        "",
        " ",
        "{",
        "[",
        "[1",
        "[1,]",
        "[,1]",
        "{\"a\":1,}",
        "{\"a\"}",
        "{a:1}",
        "{1:1}",
        "'a'",
        "nul",
        "nullx",
        "True",
        "NaN",
        "Infinity",
        "01",
        "-",
        "+1",
        ".5",
        "1.",
        "1e",
        "1e+",
        "--1",
        "0x1",
        "\"a",
        "\"\n\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u+123\"",
        "\"\\u00é\"",
        "\"\\",
        "[] []",
        "\u{feff}[]",
        "/**/1",
        "]",
        &deep,
        &deeper,
    ] {
        assert_eq!(parse(text).unwrap_err().kind(), ErrorKind::InvalidDocument, "{text:.20}");
    }
    let error = parse("[1,2").unwrap_err();
    assert!(error.message().contains("byte 4"), "{error}");
    let deep = "[".repeat(100) + &"]".repeat(100);
    assert!(parse(&deep).is_ok());
    assert_eq!(parse(&"9".repeat(100_000)).unwrap(), Node::Number(&"9".repeat(100_000)));
}

#[test]
fn times_are_written_as_go_writes_them_again() {
    for (read, written) in [
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("0000-01-01T00:00:00+23:59", "0000-01-01T00:00:00+23:59"),
        ("9999-12-31T23:59:59.999999999-23:59", "9999-12-31T23:59:59.999999999-23:59"),
        ("2026-03-22T09:15:00.123456789-07:00", "2026-03-22T09:15:00.123456789-07:00"),
        ("2026-03-22T09:15:00.100+05:30", "2026-03-22T09:15:00.1+05:30"),
        ("2026-03-22T09:15:00.000Z", "2026-03-22T09:15:00Z"),
        ("2026-03-22T09:15:00.0000000019Z", "2026-03-22T09:15:00.000000001Z"),
        ("2024-02-29T23:59:59+00:00", "2024-02-29T23:59:59Z"),
        ("2024-02-29T23:59:59-00:00", "2024-02-29T23:59:59Z"),
    ] {
        assert_eq!(GoTime::parse(read).unwrap().to_string(), written);
    }
    assert_eq!(GoTime::default(), GoTime::parse("0001-01-01T00:00:00Z").unwrap());
}

#[test]
fn what_is_no_time_of_rfc_3339_is_refused() {
    for text in [
        "",
        "now",
        "2026-03-22",
        "2026-03-22T09:15:00",
        "2026-03-22 09:15:00Z",
        "2026-03-22t09:15:00Z",
        "2026-03-22T09:15:00z",
        "2026-3-22T09:15:00Z",
        "2026-03-22T9:15:00Z",
        "2026-02-29T09:15:00Z",
        "2026-13-22T09:15:00Z",
        "2026-03-22T24:15:00Z",
        "2026-03-22T09:60:00Z",
        "2026-03-22T09:15:60Z",
        "2026-03-22T09:15:00.Z",
        "2026-03-22T09:15:00,5Z",
        "2026-03-22T09:15:00+0100",
        "2026-03-22T09:15:00+24:00",
        "2026-03-22T09:15:00+01:60",
        "2026-03-22T09:15:00+1:00",
        "2026-03-22T09:15:00Zx",
        "2026-03-22T09:15:00ZZ",
        "2026-03-22T09:15:00.5",
        "2026-03-22T09:15Z",
        "2026-03-22T09:15:0éZ",
        "1769000000",
        "2026-03-22T09:15:00+é:00",
    ] {
        assert_eq!(GoTime::parse(text).unwrap_err().kind(), ErrorKind::InvalidArgument, "{text}");
    }
}

#[test]
fn times_are_ordered_by_their_instants() {
    let at = |text: &str| GoTime::parse(text).unwrap().at();
    assert_eq!(at("2026-03-22T09:15:00.1234567Z"), Timestamp::parse("2026-03-22T09:15:00.123456Z").unwrap());
    assert!(at("2026-03-22T09:15:00+01:00") < at("2026-03-22T08:15:00.000001Z"));
    assert_eq!(at("0000-01-01T00:00:00+00:01"), Timestamp::parse("0000-01-01T00:00:00").unwrap());
    assert_eq!(at("9999-12-31T23:59:59-00:01"), Timestamp::parse("9999-12-31T23:59:59.999999").unwrap());
    for time in ["2026-03-22T09:15:00.123456Z", "0000-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z"] {
        assert_eq!(GoTime::from(Timestamp::parse(time).unwrap()).to_string(), time);
    }
}

/// The digits and the exponent that the standard library prints, which are as few as can be.
fn is_shortest(printed: &str, value: f64) -> bool {
    let significant = |text: &str| {
        let digits: String = text.split('e').next().unwrap().chars().filter(char::is_ascii_digit).collect();
        digits.trim_matches('0').len()
    };
    printed.parse() == Ok(value) && significant(printed) == significant(&format!("{value:e}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_string_reads_as_it_was(text in any::<String>()) {
        let written = string(&text);
        prop_assert_eq!(parse(&written).unwrap(), Node::Text(text.clone()));
        prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        let is_raw = written.contains(['<', '>', '&', '\u{2028}', '\u{2029}']);
        prop_assert!(!is_raw);
    }

    #[test]
    fn every_double_reads_as_it_was(bits in any::<u64>(), cents in -1_000_000_i64..1_000_000) {
        for value in [f64::from_bits(bits), cents as f64 / 100.0, cents as f64 * 1e-9, cents as f64 * 1e17] {
            if value.is_finite() {
                let printed = float(value);
                prop_assert!(is_shortest(&printed, value), "{}", printed);
                let read = Decimal::of(&printed).to_f64().unwrap();
                prop_assert_eq!(read.to_bits(), value.to_bits());
                let has_exponent = value != 0.0 && !(1e-6..1e21).contains(&value.abs());
                prop_assert_eq!(printed.contains('e'), has_exponent, "{}", printed);
            }
        }
    }

    #[test]
    fn numbers_are_read_as_the_standard_library_reads_them(text in "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,25})?(e[-+]?[0-9]{1,3})?") {
        let wanted = text.parse::<f64>().unwrap();
        let read = Decimal::of(&text).to_f64();
        prop_assert_eq!(read.map(f64::to_bits), wanted.is_finite().then_some(wanted.to_bits()), "{}", text);
        prop_assert_eq!(parse(&text).unwrap(), Node::Number(&text));
    }

    #[test]
    fn what_serde_reads_is_read(bytes in prop::collection::vec(any::<u8>(), 0..40), text in "[\\[\\]{}\",:0-9eE.tfnul \\\\+-]{0,12}") {
        let _ = parse(&decoded(&bytes));
        let theirs = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok();
        prop_assert_eq!(parse(&text).is_ok(), theirs, "{}", text);
    }

    #[test]
    fn every_time_reads_as_it_was(
        micros in -62_167_219_200_000_000..253_402_300_800_000_000_i64,
        nanos in 0..1_000_000_000_u32,
        offset in -1_439..1_440_i32,
    ) {
        let clock = Timestamp::from_micros(micros / 1_000_000 * 1_000_000).unwrap().to_document();
        let fraction = if nanos == 0 { String::new() } else { format!(".{nanos:09}").trim_end_matches('0').to_owned() };
        let zone = match offset {
            0 => "Z".to_owned(),
            _ => format!("{}{:02}:{:02}", if offset < 0 { '-' } else { '+' }, offset.abs() / 60, offset.abs() % 60),
        };
        let text = clock + &fraction + &zone;
        prop_assert_eq!(GoTime::parse(&text).unwrap().to_string(), text);
    }
}
