//! The rules of the code's structure, and the recipe held against what is really used.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failing test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use syn::visit::Visit;

/// The layers from the bottom up; each may use itself and those before it.
const LAYERS: [&str; 4] = ["model", "backend", "store", "js"];
/// What only the WebAssembly target has.
const WASM_CRATES: [&str; 7] = [
    "wasm_bindgen",
    "wasm_bindgen_futures",
    "js_sys",
    "web_sys",
    "indexed_db_futures",
    "gloo_timers",
    "serde_wasm_bindgen",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// Every source file with its path below `src`, its text, and its syntax.
fn sources() -> Vec<(String, String, syn::File)> {
    let src = root().join("src");
    let files = rust_files(&src);
    assert!(files.len() > 20, "only {} source files were found", files.len());
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let syntax = syn::parse_file(&text).unwrap();
        (path.strip_prefix(&src).unwrap().to_string_lossy().into_owned(), text, syntax)
    };
    files.into_iter().map(read).collect()
}

/// A path as it reads from the crate's root, where it begins with `self` or `super`.
fn absolute(file: &str, mut path: Vec<String>) -> Vec<String> {
    let mut module = vec!["crate".to_owned()];
    module.extend(file.trim_end_matches(".rs").split('/').map(str::to_owned));
    let mut is_relative = false;
    while let Some(first) = path.first() {
        match first.as_str() {
            "self" => {}
            "super" => {
                module.pop();
            }
            _ => break,
        }
        is_relative = true;
        path.remove(0);
    }
    if is_relative { [module, path].concat() } else { path }
}

#[test]
fn relative_paths_are_resolved() {
    let path = |path: &str| path.split("::").map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(absolute("model/access.rs", path("super::super::store::Database")), path("crate::store::Database"));
    assert_eq!(absolute("model/access.rs", path("self::Access")), path("crate::model::access::Access"));
    assert_eq!(absolute("model/access.rs", path("crate::Error")), path("crate::Error"));
}

fn layer_of(path: &str) -> Option<usize> {
    let first = path.split(['/', '.']).next()?;
    LAYERS.iter().position(|layer| *layer == first)
}

/// The paths that a file names: in `use`, and in full anywhere else.
#[derive(Default)]
struct Paths(BTreeSet<Vec<String>>);

impl Paths {
    fn tree(&mut self, prefix: &[String], tree: &syn::UseTree) {
        let mut here = prefix.to_vec();
        match tree {
            syn::UseTree::Path(path) => {
                here.push(path.ident.to_string());
                self.tree(&here, &path.tree);
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(prefix, tree)),
            syn::UseTree::Name(name) => {
                here.push(name.ident.to_string());
                self.0.insert(here);
            }
            syn::UseTree::Rename(rename) => {
                here.push(rename.ident.to_string());
                self.0.insert(here);
            }
            syn::UseTree::Glob(_) => {
                self.0.insert(here);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.insert(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        syn::visit::visit_path(self, path);
    }
}

#[test]
fn a_layer_uses_only_itself_and_those_below() {
    let mut seen = BTreeSet::new();
    for (path, _, syntax) in sources() {
        let Some(layer) = layer_of(&path) else { continue };
        let mut paths = Paths::default();
        paths.visit_file(&syntax);
        for used in paths.0.into_iter().map(|used| absolute(&path, used)) {
            let [first, second, ..] = used.as_slice() else { continue };
            if first != "crate" {
                continue;
            }
            if let Some(other) = LAYERS.iter().position(|layer| layer == second) {
                assert!(other <= layer, "{path} uses crate::{second}, which stands above it");
                seen.insert((layer, other));
            }
        }
    }
    assert!(seen.contains(&(3, 2)) && seen.contains(&(1, 0)), "the rule saw no uses: {seen:?}");
}

#[test]
fn the_model_and_the_stores_know_no_wasm_and_the_model_no_async() {
    let is_wasm_side = |path: &str| path.starts_with("js") || path.starts_with("backend/indexeddb");
    for (path, text, syntax) in sources() {
        let mut paths = Paths::default();
        paths.visit_file(&syntax);
        for used in paths.0.iter().filter_map(|used| used.first()) {
            let foreign = WASM_CRATES.contains(&used.as_str());
            assert!(!foreign || is_wasm_side(&path), "{path} uses {used}");
        }
        if layer_of(&path) == Some(0) {
            assert!(!text.contains("async fn") && !text.contains(".await"), "{path} is asynchronous");
            for name in paths.0.iter().flatten() {
                let forbidden = ["SystemTime", "Instant", "rand", "getrandom", "async_trait"].contains(&name.as_str());
                assert!(!forbidden, "{path} uses {name}");
            }
        }
    }
}

/// Counts what goes out to JavaScript. What an `extern` block names comes in.
#[derive(Default)]
struct Exports(usize);

impl<'ast> Visit<'ast> for Exports {
    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        self.0 += usize::from(attribute.path().is_ident("wasm_bindgen"));
    }

    fn visit_item_foreign_mod(&mut self, _: &'ast syn::ItemForeignMod) {}
}

#[test]
fn exports_take_a_shared_reference_and_no_file_outside_js_exports() {
    struct Receivers<'a>(&'a str, usize);
    impl<'ast> Visit<'ast> for Receivers<'_> {
        fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
            if let (syn::Visibility::Public(_), Some(receiver)) = (&item.vis, item.sig.receiver()) {
                assert!(
                    matches!(receiver.kind, syn::ReceiverKind::Reference(_, _, None)),
                    "{}: `{}` does not take `&self`, so a second call meanwhile would trap",
                    self.0,
                    item.sig.ident
                );
                assert!(item.sig.asyncness.is_none(), "{}: `{}` would borrow across an await", self.0, item.sig.ident);
                self.1 += 1;
            }
        }
    }
    let mut checked = 0;
    for (path, _, syntax) in sources() {
        if path.starts_with("js") {
            let mut receivers = Receivers(&path, 0);
            receivers.visit_file(&syntax);
            checked += receivers.1;
        } else {
            let mut exports = Exports::default();
            exports.visit_file(&syntax);
            assert_eq!(exports.0, 0, "{path} exports to JavaScript");
        }
    }
    assert!(checked > 15, "only {checked} exports were found");
}

#[test]
fn every_function_of_a_suite_is_in_its_list() {
    let lists = fs::read_to_string(root().join("src/conformance.rs")).unwrap();
    let mut suites = 0;
    for path in rust_files(&root().join("src/conformance")) {
        let suite = path.file_stem().unwrap().to_string_lossy().into_owned();
        let functions: BTreeSet<String> = syn::parse_file(&fs::read_to_string(&path).unwrap())
            .unwrap()
            .items
            .iter()
            .filter_map(|item| match item {
                syn::Item::Fn(function) if matches!(function.vis, syn::Visibility::Public(_)) => {
                    Some(function.sig.ident.to_string())
                }
                _ => None,
            })
            .collect();
        if functions.is_empty() {
            continue;
        }
        let start = format!("conformance_tests! {{ {suite}, $place, [");
        let (_, list) = lists.split_once(&start).unwrap_or_else(|| panic!("no list of {suite}"));
        let (list, _) = list.split_once(']').unwrap();
        let listed: BTreeSet<String> =
            list.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
        assert_eq!(functions, listed, "the list of {suite}");
        suites += 1;
    }
    assert!(suites >= 11, "only {suites} suites were found");
}

#[test]
fn source_files_stay_below_500_lines() {
    for (path, text, _) in sources() {
        let lines = text.lines().count();
        assert!(lines <= 500, "{path} has {lines} lines; split it");
    }
}

/// The server of wasm-bindgen's test runner answers as many connections as it has threads, four. A request that comes while
/// a thread is on its way to an earlier one waits for a connection to end, and connections stay open: so with more files the
/// test page never loads. So the tests in pages are built without the exports to JavaScript, which have files of their own.
#[test]
fn the_page_of_the_tests_loads_no_more_files_than_its_server_answers_at_once() {
    let mut files = BTreeSet::new();
    for (path, text, _) in sources() {
        if path.starts_with("js/") {
            continue;
        }
        let modules = text.split("#[wasm_bindgen(module = \"").skip(1);
        for module in modules {
            let file = module.split('"').next().unwrap().trim_start_matches('/').to_owned();
            assert!(root().join(&file).is_file(), "{path} imports {file}");
            files.insert(file);
        }
    }
    assert!((2..=4).contains(&files.len()), "{files:?}");
    let engines = fs::read_to_string(root().join("scripts/engines.sh")).unwrap();
    assert!(engines.contains("-- --locked --no-default-features --test"));
}

#[test]
fn the_recipe_is_what_the_lock_files_pin() {
    let read = |name: &str| fs::read_to_string(root().join(name)).unwrap();
    let recipe: toml::Table = read("wasm-pack.toml").parse().unwrap();
    let tool = |name: &str| recipe["tools"][name].as_str().unwrap().to_owned();
    let lock: toml::Table = read("Cargo.lock").parse().unwrap();
    let locked = |name: &str| {
        let packages = lock["package"].as_array().unwrap();
        let package = packages.iter().find(|package| package["name"].as_str() == Some(name)).unwrap();
        package["version"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        tool("wasm-bindgen-cli"),
        locked("wasm-bindgen"),
        "the command and the crate have to be the same version"
    );
    let npm: serde_json::Value = serde_json::from_str(&read("package-lock.json")).unwrap();
    for package in ["binaryen", "playwright-core"] {
        assert_eq!(npm["packages"][format!("node_modules/{package}")]["version"], tool(package), "{package}");
    }
    assert!(read("wasm-pack.toml").starts_with("# The pinned recipe that scripts/ read: nothing else does."));
}

#[test]
fn the_limits_of_both_sides_of_the_boundary_are_the_same() {
    use agent_datastore::model::limits::{MAX_BATCH_BYTES, MAX_DEPTH, MAX_KEY_BYTES, MAX_VALUE_BYTES};
    let script = fs::read_to_string(root().join("src/js/boundary.js")).unwrap();
    for line in [
        format!("const MAX_DEPTH = {MAX_DEPTH};"),
        format!("const MAX_KEY_BYTES = {} * 1024;", MAX_KEY_BYTES / 1024),
        format!("const MAX_VALUE_BYTES = {} * 1024 * 1024;", MAX_VALUE_BYTES / 1024 / 1024),
        format!("const MAX_BATCH_BYTES = {} * 1024 * 1024;", MAX_BATCH_BYTES / 1024 / 1024),
    ] {
        assert!(script.contains(&line), "boundary.js lacks {line}");
    }
}

#[test]
fn every_error_code_is_in_the_types_and_no_other() {
    let types = fs::read_to_string(root().join("src/js/types.d.ts")).unwrap();
    let (_, list) = types.split_once("export type StoreErrorCode =").unwrap();
    let (list, _) = list.split_once(';').unwrap();
    let typed: BTreeSet<&str> = list.split('"').skip(1).step_by(2).collect();
    let errors = fs::read_to_string(root().join("src/error.rs")).unwrap();
    let coded: BTreeSet<&str> =
        errors.lines().filter_map(|line| line.split_once("=> \"")?.1.split_once('"').map(|(code, _)| code)).collect();
    // This one is said where there is no Rust any more.
    let coded: BTreeSet<&str> = coded.into_iter().chain(["INSTANCE_LOST"]).collect();
    assert!(
        fs::read_to_string(root().join("src/backend/indexeddb/page.js")).unwrap().contains("code: \"INSTANCE_LOST\"")
    );
    assert!(coded.len() > 10);
    assert_eq!(coded, typed);
}
