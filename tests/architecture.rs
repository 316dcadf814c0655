//! The arrows of the house run one way: `domain ← storage ← services ← { http, app } ← main`, and
//! `providers` hangs on `services`. See `docs/architecture.md`.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Which of our crates each of our crates may depend on.
const ALLOWED: &[(&str, &[&str])] = &[
    ("menshen-domain", &[]),
    ("menshen-storage", &["menshen-domain"]),
    ("menshen-services", &["menshen-domain", "menshen-storage"]),
    ("menshen-providers", &["menshen-domain", "menshen-services"]),
    ("menshen-http", &["menshen-domain", "menshen-services"]),
    ("app", &["menshen-domain", "menshen-services"]),
    (
        "menshen",
        &[
            "app",
            "menshen-domain",
            "menshen-http",
            "menshen-providers",
            "menshen-services",
            "menshen-storage",
        ],
    ),
];

fn cargo() -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn metadata() -> Value {
    let output = cargo()
        .args([
            "metadata",
            "--format-version=1",
            "--no-deps",
            "--locked",
            "--offline",
        ])
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
}

fn dependencies(package: &Value) -> impl Iterator<Item = &Value> {
    // What only tests need is no arrow of the house.
    package["dependencies"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|d| d["kind"].as_str() != Some("dev"))
}

#[test]
fn arrows_run_one_way() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("packages");
    let ours: BTreeSet<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    assert_eq!(
        ours,
        allowed.keys().copied().collect(),
        "a crate came or went: give it its place"
    );
    for package in packages {
        let name = package["name"].as_str().expect("name");
        for dependency in dependencies(package) {
            let to = dependency["name"].as_str().expect("name");
            // `http` is the name of a crate of others too: ours carry a path.
            if dependency["path"].is_string() {
                assert!(
                    allowed[name].contains(&to),
                    "{name} must not depend on {to}"
                );
            }
        }
    }
}

#[test]
fn in_the_browser_the_ui_sees_domain_alone() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("packages");
    let app = packages.iter().find(|p| p["name"] == "app").expect("app");
    let hydrate = app["features"]["hydrate"].to_string();
    for dependency in dependencies(app).filter(|d| d["path"].is_string()) {
        let name = dependency["name"].as_str().expect("name");
        if name == "menshen-domain" {
            continue;
        }
        assert_eq!(
            dependency["optional"], true,
            "{name} must come with `ssr` alone"
        );
        assert!(
            !hydrate.contains(name),
            "{name} must not come with `hydrate`"
        );
    }
}

#[test]
fn databases_are_reached_through_storage_alone() {
    let metadata = metadata();
    for package in metadata["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("name");
        let uses_sqlx = dependencies(package).any(|d| d["name"] == "sqlx");
        assert_eq!(uses_sqlx, name == "menshen-storage", "{name}");
    }
}

#[test]
fn domain_is_pure_and_builds_for_webassembly() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("packages");
    let domain = packages
        .iter()
        .find(|p| p["name"] == "menshen-domain")
        .expect("domain");
    let needs: BTreeSet<&str> = dependencies(domain)
        .filter_map(|d| d["name"].as_str())
        .collect();
    assert_eq!(
        needs,
        BTreeSet::from(["serde", "thiserror"]),
        "domain does no I/O: think twice"
    );
    // A target folder of its own: the one of this test run is locked by cargo.
    let folder = format!("{}/domain-wasm", env!("CARGO_TARGET_TMPDIR"));
    let output = cargo()
        .args([
            "check",
            "--package",
            "menshen-domain",
            "--target",
            "wasm32-unknown-unknown",
        ])
        .args(["--locked", "--offline", "--target-dir", &folder])
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
