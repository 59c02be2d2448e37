//! Reads the blueprints folder at start: every good version is kept by digest and waits to be vetted, unless the
//! configuration lists its name; every broken one is reported with file, line and reason, and the others still load.
use crate::store::blueprint::BlueprintVersion;
use crate::store::{self, Store, StoreError};
use domain::audit::{Action, Actor, Entry};
use domain::blueprint::{Manifest, Said, Speaker, Vetting, parse_manifest};
use domain::change::{canonical_json, sha256};
use domain::names::{BlueprintName, VettingId};
use domain::template;
use serde_json::json;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use store::Connection;
use uuid::Uuid;

/// Why a version counts as vetted whose name is listed.
const LISTED: &str = "The configuration lists it under vetted-blueprints.";

/// Why it is withdrawn before it is accepted anew.
const ONCE_MORE: &str = "The folder holds it once more.";

/// A catalogue that can't be read at all.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The folder can't be listed.
    #[error("the blueprints folder {folder} can't be read: {error}; GATEHOUSE_BLUEPRINTS names it")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was found in one folder.
#[derive(Debug)]
pub struct Folder {
    /// The folder's name.
    pub name: String,
    /// The version, unless something is wrong with it.
    pub read: Result<BlueprintVersion, Vec<String>>,
}

/// Reads every folder and keeps what is good. Versions of the blueprints in `vetted` count as vetted.
///
/// # Errors
/// When the folder can't be listed or the store fails; a broken blueprint is no error.
pub async fn load(
    store: &Store,
    folder: &Path,
    vetted: &[BlueprintName],
) -> Result<Vec<Folder>, CatalogueError> {
    let folders = read(folder).map_err(|error| CatalogueError::Folder {
        folder: folder.to_owned(),
        error,
    })?;
    let mut transaction = store.begin().await?;
    let mut names = Vec::new();
    for folder in &folders {
        let Ok(name) = folder.name.parse::<BlueprintName>() else {
            tracing::error!(folder = %folder.name, "{} can't be a blueprint's folder: its name is no blueprint name", folder.name);
            continue;
        };
        names.push(name.clone());
        match &folder.read {
            Ok(version) => {
                if store::blueprint::insert(&mut transaction, version).await? {
                    let entry = entry(version, Action::BlueprintRead, None);
                    store::audit::append(&mut transaction, &entry, None).await?;
                }
                store::blueprint::lies(&mut transaction, &name, Some(&version.digest), &[]).await?;
                if vetted.contains(&name) {
                    count_as_vetted(&mut transaction, version).await?;
                }
            }
            Err(problems) => {
                for problem in problems {
                    tracing::error!(blueprint = %folder.name, "blueprint {}: {problem}", folder.name);
                }
                store::blueprint::lies(&mut transaction, &name, None, problems).await?;
            }
        }
    }
    for name in vetted.iter().filter(|name| !names.contains(name)) {
        tracing::warn!(blueprint = %name, "vetted-blueprints lists {name}, but there is no folder of that name");
    }
    store::blueprint::withdraw_others(&mut transaction, &names).await?;
    store::commit(transaction).await?;
    Ok(folders)
}

/// Has a version accepted by the configuration, unless people have proposed it ever. A version that the folder holds
/// once more is accepted anew, which brings it back on offer.
async fn count_as_vetted(
    connection: &mut Connection,
    version: &BlueprintVersion,
) -> Result<(), StoreError> {
    let latest = store::vetting::latest(connection, &version.digest).await?;
    let at = store::now(connection).await?;
    if let Some(kept) = latest {
        let by_people = kept.vetting.proposed().by != Speaker::Configuration;
        let offered = store::blueprint::current_of(connection, &version.name).await?;
        if by_people || offered.is_none_or(|offered| offered.digest == version.digest) {
            return Ok(());
        }
        let said = Said {
            by: Speaker::Configuration,
            words: ONCE_MORE.to_owned(),
            at,
        };
        let Ok(withdrawn) = kept.vetting.withdraw(said) else {
            return Ok(());
        };
        store::vetting::save(connection, kept.id, &withdrawn).await?;
        let entry = entry(version, Action::BlueprintWithdrawn, Some(ONCE_MORE));
        store::audit::append(connection, &entry, None).await?;
    }
    let id = VettingId(Uuid::now_v7());
    let vetting = Vetting::by_configuration(LISTED, at);
    store::vetting::insert(connection, id, &version.digest, &vetting).await?;
    let entry = entry(version, Action::BlueprintAccepted, Some(LISTED));
    store::audit::append(connection, &entry, None).await?;
    Ok(())
}

fn entry(version: &BlueprintVersion, action: Action, reason: Option<&str>) -> Entry {
    Entry {
        actor: Actor::Worker,
        action,
        change: None,
        thing: version.manifest.name.to_string(),
        reason: reason.map(str::to_owned),
        policy: None,
        request_id: None,
        detail: json!({ "version": version.manifest.version, "digest": version.digest }),
    }
}

/// Reads every folder, sorted by name.
///
/// # Errors
/// When the folder can't be listed.
pub fn read(folder: &Path) -> io::Result<Vec<Folder>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let read = read_one(&name, &entry.path());
            found.push(Folder { name, read });
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

fn read_one(name: &str, folder: &Path) -> Result<BlueprintVersion, Vec<String>> {
    let files = read_files(folder).map_err(|problem| vec![problem])?;
    let Some(source) = files.get("manifest.toml") else {
        return Err(vec![format!(
            "{name}/manifest.toml is missing; every blueprint has one"
        )]);
    };
    let manifest = parse_manifest(&format!("{name}/manifest.toml"), source)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let problems = check_files(name, &manifest, &files);
    if !problems.is_empty() {
        return Err(problems);
    }
    let digest = sha256(canonical_json(&json!(files)).as_bytes());
    Ok(BlueprintVersion {
        digest,
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        manifest,
        files,
        read_at: chrono::Utc::now(),
    })
}

fn read_files(folder: &Path) -> Result<BTreeMap<String, String>, String> {
    let wrong =
        |path: &Path, error: io::Error| format!("{} can't be read: {error}", path.display());
    let mut files = BTreeMap::new();
    let entries = std::fs::read_dir(folder).map_err(|error| wrong(folder, error))?;
    for entry in entries {
        let path = entry.map_err(|error| wrong(folder, error))?.path();
        if path.is_file() {
            let text = std::fs::read_to_string(&path).map_err(|error| wrong(&path, error))?;
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            files.insert(name, text);
        }
    }
    Ok(files)
}

/// What does not fit between the manifest and the other files.
fn check_files(name: &str, manifest: &Manifest, files: &BTreeMap<String, String>) -> Vec<String> {
    let mut problems = Vec::new();
    if manifest.name.as_str() != name {
        problems.push(format!(
            "{name}/manifest.toml:1: the name is {}, but the folder is {name}; they have to be the same",
            manifest.name
        ));
    }
    if !files.contains_key("RUNBOOK.md") {
        problems.push(format!(
            "{name}/RUNBOOK.md is missing; every blueprint has one"
        ));
    }
    for stack in &manifest.stacks {
        let file = format!("{name}/{}", stack.template);
        match files.get(&stack.template) {
            None => problems.push(format!("{file} is missing; the manifest names it")),
            Some(source) => match template::parse(&file, source) {
                Err(error) => problems.push(error.to_string()),
                Ok(template) => problems.extend(check_template(&file, manifest, &template)),
            },
        }
    }
    problems
}

fn check_template(file: &str, manifest: &Manifest, template: &template::Template) -> Vec<String> {
    let filled =
        |name: &str| manifest.parameters.contains_key(name) || manifest.derived.contains_key(name);
    template
        .parameters
        .iter()
        .filter(|(name, declared)| declared.default.is_none() && !filled(name))
        .map(|(name, declared)| {
            format!(
                "{file}:{}: parameter {name} has no default and the manifest fills it in neither \
                 as a [parameter] nor under [derived]",
                declared.at.line
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use std::fs;

    /// A copy of the first blueprint, in a folder of its own, to be broken.
    fn copied(test: &str) -> PathBuf {
        let root = std::env::temp_dir().join(format!("gatehouse-{test}-{}", std::process::id()));
        let folder = root.join("customer-data-platform");
        fs::create_dir_all(&folder).unwrap();
        let original =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../blueprints/customer-data-platform");
        for entry in fs::read_dir(original).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
        }
        root
    }

    fn edit(root: &Path, file: &str, change: impl Fn(String) -> String) {
        let path = root.join("customer-data-platform").join(file);
        let text = fs::read_to_string(&path).unwrap();
        let changed = change(text.clone());
        assert_ne!(text, changed, "{file} is changed");
        fs::write(path, changed).unwrap();
    }

    fn problems(root: &Path) -> Vec<String> {
        let read = read(root).unwrap();
        fs::remove_dir_all(root).unwrap();
        read.into_iter().next().unwrap().read.unwrap_err()
    }

    #[test]
    fn every_blueprint_of_ours_reads() {
        let folders = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../blueprints")).unwrap();
        assert!(!folders.is_empty());
        for folder in folders {
            assert!(
                folder.read.is_ok(),
                "{}: {:?}",
                folder.name,
                folder.read.err()
            );
        }
    }

    #[test]
    fn a_broken_manifest_is_told_with_its_line() {
        let root = copied("manifest");
        edit(&root, "manifest.toml", |text| {
            text.replacen("type = \"email\"", "type = \"pigeon\"", 1)
        });
        let source = fs::read_to_string(root.join("customer-data-platform/manifest.toml")).unwrap();
        let line = source
            .lines()
            .position(|line| line.contains("pigeon"))
            .unwrap()
            + 1;
        let problems = problems(&root);
        let start = format!("customer-data-platform/manifest.toml:{line}: ");
        assert!(problems[0].starts_with(&start), "{problems:?}");
        assert!(problems[0].contains("pigeon"), "{problems:?}");
    }

    #[test]
    fn a_broken_template_is_told_with_its_line() {
        let root = copied("template");
        edit(&root, "template.yaml", |text| {
            format!("{text}\n  bad: [unclosed\n")
        });
        let problems = problems(&root);
        assert!(
            problems[0].contains("customer-data-platform/template.yaml:"),
            "{problems:?}"
        );
    }

    #[test]
    fn what_does_not_fit_together_is_told() {
        let root = copied("fit");
        edit(&root, "manifest.toml", |text| {
            text.replacen("Team = \"team\"\n", "", 1)
        });
        fs::remove_file(root.join("customer-data-platform/RUNBOOK.md")).unwrap();
        let problems = problems(&root);
        assert!(
            problems
                .iter()
                .any(|problem| problem.contains("RUNBOOK.md is missing")),
            "{problems:?}"
        );
        assert!(
            problems
                .iter()
                .any(|problem| problem.contains("parameter Team has no default")),
            "{problems:?}"
        );
    }
}
