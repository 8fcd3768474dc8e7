//! The invariants of ARCHITECTURE.md that can be read off the files: who may do what, and how large things get.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every tracked Rust file of a crate folder with its text, paths relative to the root.
fn sources(folder: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, root: &Path, found: &mut Vec<(String, String)>) {
        let mut entries: Vec<_> = fs::read_dir(folder).expect("a readable folder").flatten().collect();
        entries.sort_by_key(fs::DirEntry::path);
        for entry in entries {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, root, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).expect("a path below the root").display().to_string();
                found.push((name, fs::read_to_string(&path).expect("readable source")));
            }
        }
    }
    let root = root();
    let mut found = Vec::new();
    walk(&root.join(folder), &root, &mut found);
    assert!(!found.is_empty(), "no source in {folder}");
    found
}

/// The part of a file before the tests that stand in it; a line that names tests in a file of their own ends nothing.
fn product(text: &str) -> &str {
    let tests = text.match_indices("#[cfg(test)]\nmod ").map(|(at, _)| at);
    let inline = |at: &usize| text[*at..].lines().nth(1).is_some_and(|line| line.ends_with('{'));
    tests.into_iter().find(inline).map_or(text, |at| &text[..at])
}

#[test]
fn what_is_product_is_told_from_tests() {
    let check = |text: &str, expected: &str| assert_eq!(product(text), expected);
    check("fn a() {}\n#[cfg(test)]\nmod tests {\n}\n", "fn a() {}\n");
    check("#[cfg(test)]\nmod tests;\nfn a() {}\n", "#[cfg(test)]\nmod tests;\nfn a() {}\n");
    check(
        "mod a;\n#[cfg(test)]\nmod b;\nfn c() {}\n#[cfg(test)]\nmod d {\n",
        "mod a;\n#[cfg(test)]\nmod b;\nfn c() {}\n",
    );
}

fn manifest(folder: &str) -> String {
    fs::read_to_string(root().join(folder).join("Cargo.toml")).expect("a manifest")
}

/// Dependencies of a crate as its manifest names them, dev- and build-dependencies left out.
fn dependencies(folder: &str) -> Vec<String> {
    let text = manifest(folder);
    let section = text.split("[dependencies]").nth(1).unwrap_or_default();
    section
        .lines()
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| !name.is_empty() && !name.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn wire_and_inventory_do_no_io() {
    for folder in ["wire", "inventory"] {
        let banned = ["tokio", "rusqlite", "tonic", "postgres", "axum", "socket2", "getrandom", "rundgang-"];
        for dependency in dependencies(folder) {
            assert!(
                !banned.iter().any(|name| dependency.starts_with(name)),
                "{folder} depends on {dependency}: it must stay pure"
            );
        }
        for (name, text) in sources(&format!("{folder}/src")) {
            for word in
                ["std::net::Tcp", "std::net::Udp", "SystemTime", "Instant::now", "async fn", "std::fs::"]
            {
                assert!(!product(&text).contains(word), "{name} mentions {word}");
            }
        }
    }
}

#[test]
fn dependencies_point_one_way() {
    let check = |folder: &str, allowed: &[&str]| {
        for dependency in dependencies(folder).iter().filter(|name| name.starts_with("rundgang-")) {
            assert!(allowed.contains(&dependency.as_str()), "{folder} must not depend on {dependency}");
        }
    };
    check("proto", &[]);
    check("store", &["rundgang-inventory"]);
    check("agent", &["rundgang-wire", "rundgang-inventory", "rundgang-proto"]);
    check("dashboards", &["rundgang-store", "rundgang-inventory"]);
    check(
        "collector",
        &["rundgang-dashboards", "rundgang-store", "rundgang-inventory", "rundgang-proto", "rundgang-agent"],
    );
}

#[test]
fn prost_types_stop_at_the_uplink_and_the_ingest() {
    for (name, text) in sources("agent/src").into_iter().chain(sources("collector/src")) {
        // The conversation and its service are the ingest's own doorstep; an invitation is plain text, no message.
        let may =
            ["uplink", "enrol", "ingest", "conversation", "service"].iter().any(|part| name.contains(part));
        let messages = product(&text).replace("rundgang_proto::invitation", "");
        assert!(may || !messages.contains("rundgang_proto"), "{name} uses prost types");
    }
}

/// The agent answers nobody, on no kind of socket (promise G1), and asks for no name but by questions of its own.
#[test]
fn the_agent_listens_nowhere() {
    let of_tests = |name: &str| name.ends_with("/tests.rs") || name.contains("/tests/");
    let files: Vec<_> = sources("agent/src").into_iter().filter(|(name, _)| !of_tests(name)).collect();
    assert!(files.len() > 50, "too few files were looked at");
    for (name, text) in files {
        for word in
            ["TcpListener", "UnixListener", "UnixStream", "UnixDatagram", "lookup_host", "ToSocketAddrs"]
        {
            assert!(!product(&text).contains(word), "{name} mentions {word}");
        }
    }
}

#[test]
fn sql_lives_in_the_store_and_the_spool() {
    for folder in ["agent/src", "collector/src", "dashboards/src", "inventory/src", "wire/src"] {
        for (name, text) in sources(folder) {
            let sql = ["INSERT INTO", "SELECT ", "DELETE FROM", "UPDATE "].iter().find(|word| {
                product(&text).contains(**word) && product(&text).contains("FROM")
                    || product(&text).contains("INSERT INTO")
            });
            assert!(name.contains("spool") || sql.is_none(), "{name} holds SQL: {sql:?}");
        }
    }
}

#[test]
fn every_file_opens_with_a_sentence_and_stays_readable() {
    let folders = ["proto", "wire", "inventory", "store", "agent", "collector", "dashboards", "tests"];
    for folder in folders {
        for (name, text) in sources(&format!("{folder}/src")) {
            assert!(text.starts_with("//! "), "{name} does not open with a sentence");
            let lines = product(&text).lines().count();
            assert!(lines <= 500, "{name} has {lines} lines before its tests: split it by meaning");
        }
    }
}

#[test]
fn html_stands_in_the_dashboards() {
    let papers = "collector/src/papers/html.rs";
    for folder in ["proto", "wire", "inventory", "store", "agent", "collector"] {
        for (name, text) in sources(&format!("{folder}/src")) {
            let is_page = product(&text).contains("<!doctype html") || product(&text).contains("<html");
            assert_eq!(is_page, name == papers, "{name}: pages belong into dashboards, papers into {papers}");
        }
    }
}

#[test]
fn the_set_pdu_does_not_exist() {
    for (name, text) in sources("wire/src").into_iter().chain(sources("agent/src")) {
        for word in ["SetRequest", "set_request", "SET_REQUEST"] {
            assert!(!product(&text).contains(word), "{name} mentions {word} (promise S3)");
        }
    }
}

#[test]
fn one_tls_provider() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("a lock file");
    for name in ["aws-lc-sys", "aws-lc-rs", "openssl-sys", "native-tls"] {
        assert!(
            !lock.contains(&format!("name = \"{name}\"")),
            "{name} is in the tree: ring is the only provider"
        );
    }
}

/// Words in backticks of a document that name a file or folder of ours.
fn named_places(text: &str) -> impl Iterator<Item = &str> {
    let crates =
        ["proto/", "wire/", "inventory/", "store/", "agent/", "collector/", "dashboards/", "tests/", "docs/"];
    let is_place = move |word: &&str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '.' | '*');
        crates.iter().any(|name| word.starts_with(name)) && word.chars().all(plain)
    };
    text.split('`').skip(1).step_by(2).filter(is_place)
}

/// The page of promises names its tests as `file::test`; each of them is there, and so is every promise.
#[test]
fn every_promise_has_tests_that_exist() {
    let page = fs::read_to_string(root().join("docs/promises.md")).expect("the page of promises");
    let mut named = 0;
    for (file, test) in page.split('`').skip(1).step_by(2).filter_map(|word| word.split_once("::")) {
        if !file.ends_with(".rs") {
            continue;
        }
        named += 1;
        let text = fs::read_to_string(root().join(file)).unwrap_or_default();
        assert!(text.contains(&format!("fn {test}(")), "there is no test {test} in {file}");
    }
    assert!(named > 100, "only {named} tests were looked for");
    let numbered = |letter: &str, last: u32| (1..=last).map(|n| format!("{letter}{n}")).collect::<Vec<_>>();
    for promise in [numbered("S", 8), numbered("G", 4), numbered("P", 11)].concat() {
        let rows = || page.lines().filter(|line| line.starts_with("| **"));
        let heads = rows().filter_map(|line| line.split("**").nth(1));
        let is_there = heads.flat_map(|head| head.split(", ")).any(|name| name == promise);
        assert!(is_there, "promise {promise} has no line");
    }
}

#[test]
fn documents_name_only_places_that_exist() {
    let decisions = fs::read_dir(root().join("docs/decisions")).expect("a readable folder").flatten();
    let documents = [
        "ARCHITECTURE.md",
        "THREAT_MODEL.md",
        "README.md",
        "docs/operations.md",
        "docs/agent-box.md",
        "docs/promises.md",
    ];
    let documents = documents.iter().map(|name| root().join(name)).chain(decisions.map(|entry| entry.path()));
    let mut named = 0;
    for document in documents {
        let text = fs::read_to_string(&document).expect("a readable document");
        for place in named_places(&text) {
            named += 1;
            let exists = match place.split_once('*') {
                None => root().join(place).exists(),
                Some((start, _)) => {
                    let (folder, start) = start.rsplit_once('/').unwrap_or(("", start));
                    let entries = fs::read_dir(root().join(folder)).into_iter().flatten().flatten();
                    entries.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with(start))
                }
            };
            assert!(exists, "{} names {place}, which does not exist", document.display());
        }
    }
    assert!(named > 30, "only {named} places were looked at");
}
