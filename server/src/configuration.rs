//! The configuration file: who the teams are, which accounts there are, and what a sign-in grants.
//! Checked whole at start; every mistake is told with its line and what would be right.

mod member;
mod rule;
mod section;
mod stage;
#[cfg(test)]
mod tests;
mod window;

pub use member::Member;
pub use stage::StageSettings;

use domain::account::Account;
use domain::change::window::FreezeWindow;
use domain::change::{Group, Rules};
use domain::names::{AccountId, BlueprintName, TeamName};
use domain::person::Grant;
use domain::stage::Stage;
use section::{At, Mistake, Section, line_at};
use stage::read_stage;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

/// Who somebody is and what to call them (OpenID Connect Core, section 5.4).
const SCOPES_BY_DEFAULT: [&str; 3] = ["openid", "profile", "email"];
/// What most identity providers call it.
const GROUPS_CLAIM_BY_DEFAULT: &str = "groups";

/// A mistake in the configuration file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct ConfigurationError {
    /// The file's path as given.
    pub file: String,
    /// The line, counted from one.
    pub line: usize,
    /// What was wrong and what would be right.
    pub message: String,
}

/// Everything the configuration file says.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// Where people reach the portal.
    pub address: Address,
    /// How people sign in.
    pub sign_in: SignIn,
    /// The teams, in the order of the file.
    pub teams: Vec<Team>,
    /// The AWS accounts, in the order of the file. No two have a stage in common.
    pub accounts: Vec<Account>,
    /// The freeze windows, in the order of the file.
    pub freezes: Vec<FreezeWindow>,
    /// How many approvals of which groups a change asks for.
    pub rules: Rules,
    /// The stages that have settings of their own, in the order of the file.
    pub stages: Vec<StageSettings>,
    /// People who are known to be in groups before they sign in, in the order of the file.
    pub members: Vec<Member>,
    /// The blueprints whose versions count as vetted when they are read.
    pub vetted_blueprints: Vec<BlueprintName>,
}

/// A team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// Its name in addresses, tags and stack names.
    pub name: TeamName,
    /// What people call it.
    pub title: String,
    /// Value of the cost allocation tag on all that it runs.
    pub cost_centre: String,
}

/// How people sign in, and what that grants them.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The identity provider's issuer identifier (OpenID Connect Discovery, section 2).
    pub issuer: Issuer,
    /// What the identity provider knows Gatehouse by.
    pub client_id: String,
    /// Scopes to ask for; `openid` is one of them.
    pub scopes: Vec<String>,
    /// The claim of the ID token whose values are mapped to grants.
    pub groups_claim: String,
    /// A session that long unused is over.
    pub session_idle: Duration,
    /// A session that old is over.
    pub session_absolute: Duration,
    roles: Vec<(String, Grant)>,
}

/// The origin that people reach the portal at: `https`, or `http` on this machine only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    origin: String,
    secure: bool,
}

impl Address {
    /// Scheme, host and port, without a slash at the end.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether it is `https`.
    pub fn is_secure(&self) -> bool {
        self.secure
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)
    }
}

/// What is wrong with an address, in words that follow the name of the setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidAddress(String);

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let (uri, loopback) = web_address(text)?;
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(InvalidAddress(format!(
                "“{text}” has a path; Gatehouse answers at the root of a host, write for example https://gatehouse.example.com"
            )));
        }
        let secure = uri.scheme_str() == Some("https");
        if !secure && !loopback {
            return Err(InvalidAddress(format!(
                "“{text}” would send sessions in the clear; use https, or http on 127.0.0.1 or localhost only"
            )));
        }
        let origin = text.trim_end_matches('/').to_ascii_lowercase();
        Ok(Self { origin, secure })
    }
}

/// An issuer identifier, kept exactly as written: it must equal the one in ID tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    text: String,
    origin: String,
    loopback: bool,
}

impl Issuer {
    /// As written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether the identity provider runs on this machine.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }
}

impl FromStr for Issuer {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let (uri, loopback) = web_address(text)?;
        if uri.query().is_some() {
            return Err(InvalidAddress(format!(
                "“{text}” has a query; an issuer has none (OpenID Connect Discovery, section 2)"
            )));
        }
        if uri.scheme_str() != Some("https") && !loopback {
            return Err(InvalidAddress(format!(
                "“{text}” is not https; an issuer may be http on 127.0.0.1 or localhost only"
            )));
        }
        let authority = uri.authority().map(ToString::to_string).unwrap_or_default();
        let scheme = uri.scheme_str().unwrap_or_default();
        Ok(Self {
            text: text.to_owned(),
            origin: format!("{scheme}://{authority}"),
            loopback,
        })
    }
}

/// Reads an absolute http or https address; says whether its host is this machine.
fn web_address(text: &str) -> Result<(http::Uri, bool), InvalidAddress> {
    let refuse = || {
        InvalidAddress(format!(
            "“{text}” is not a web address; write for example https://gatehouse.example.com"
        ))
    };
    let uri: http::Uri = text.parse().map_err(|_| refuse())?;
    let host = uri.host().ok_or_else(refuse)?;
    let user = uri
        .authority()
        .is_some_and(|authority| authority.as_str().contains('@'));
    if !matches!(uri.scheme_str(), Some("http" | "https")) || user || text.contains('#') {
        return Err(refuse());
    }
    let loopback = host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    Ok((uri, loopback))
}

impl Configuration {
    /// Reads and checks the file.
    ///
    /// # Errors
    /// Every mistake found, in the order of the file.
    pub fn read(path: &Path) -> Result<Self, Vec<ConfigurationError>> {
        let file = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(source) => Self::parse(&file, &source),
            Err(error) => Err(vec![ConfigurationError {
                file,
                line: 1,
                message: format!(
                    "the file can't be read: {error}; name the configuration file with --configuration or GATEHOUSE_CONFIGURATION"
                ),
            }]),
        }
    }

    /// Checks what a file called `file` says.
    ///
    /// # Errors
    /// Every mistake found, in the order of the file.
    pub fn parse(file: &str, source: &str) -> Result<Self, Vec<ConfigurationError>> {
        let mut mistakes = Vec::new();
        let configuration = read(source, &mut mistakes);
        if let (Some(configuration), true) = (configuration, mistakes.is_empty()) {
            return Ok(configuration);
        }
        mistakes.sort();
        Err(mistakes
            .into_iter()
            .map(|Mistake { line, message }| ConfigurationError {
                file: file.to_owned(),
                line,
                message,
            })
            .collect())
    }

    /// The team, if there is one of that name.
    pub fn team(&self, name: &TeamName) -> Option<&Team> {
        self.teams.iter().find(|team| team.name == *name)
    }

    /// The account in which environments of the stage live.
    pub fn account_for(&self, stage: Stage) -> Option<&Account> {
        self.accounts
            .iter()
            .find(|account| account.stages.contains(&stage))
    }

    /// The account with that id.
    pub fn account(&self, id: &AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == *id)
    }

    /// How long a release has to hold at a stage before it may be promoted, in minutes.
    pub fn soak_minutes(&self, stage: Stage) -> u32 {
        self.stages
            .iter()
            .find(|settings| settings.stage == stage)
            .map_or(0, |settings| settings.soak_minutes)
    }

    /// The people named as members of a group for a team at a stage.
    pub fn members_of(
        &self,
        group: Group,
        (team, stage): (&TeamName, Stage),
    ) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(move |member| {
            let grants = self.grants(&member.groups);
            Group::of(&grants, team, stage).contains(&group)
        })
    }

    /// What the values of the groups claim grant: sorted, one grant for each role and team, with the
    /// stages of all its values. A value that isn't mapped grants nothing.
    pub fn grants(&self, values: &[String]) -> Vec<Grant> {
        let mut approves: BTreeMap<TeamName, BTreeSet<Stage>> = BTreeMap::new();
        let mut grants = BTreeSet::new();
        for (value, grant) in &self.sign_in.roles {
            if !values.contains(value) {
                continue;
            }
            match grant {
                Grant::Approver { team, stages } => {
                    approves.entry(team.clone()).or_default().extend(stages);
                }
                other => {
                    grants.insert(other.clone());
                }
            }
        }
        grants.extend(approves.into_iter().map(|(team, stages)| Grant::Approver {
            team,
            stages: stages.into_iter().collect(),
        }));
        grants.into_iter().collect()
    }
}

fn read(source: &str, mistakes: &mut Vec<Mistake>) -> Option<Configuration> {
    let (document, errors) = toml::de::DeTable::parse_recoverable(source);
    if !errors.is_empty() {
        mistakes.extend(errors.iter().map(|error| Mistake {
            line: error.span().map_or(1, |span| line_at(source, span.start)),
            message: format!("this is not TOML: {}", error.message().trim()),
        }));
        return None;
    }
    let document = document.get_ref();
    let mut file = Section::new(source, "the file", 1, document, mistakes);
    let portal = file.table("portal");
    let sign_in = file.table("sign-in");
    let team_tables = file.tables("team", "[[team]]");
    let account_tables = file.tables("account", "[[account]]");
    let freeze_tables = file.tables("freeze", "[[freeze]]");
    let rule_tables = file.tables("rule", "[[rule]]");
    let stage_tables = file.tables("stage", "[[stage]]");
    let member_tables = file.tables("member", "[[member]]");
    let vetted_blueprints = read_vetted_blueprints(&mut file);
    if team_tables.is_empty() {
        file.mistake(1, "there is no [[team]]; the file needs at least one");
    }
    if account_tables.is_empty() {
        file.mistake(1, "there is no [[account]]; the file needs at least one");
    }
    file.finish();

    let mut teams: Vec<At<Option<Team>>> = Vec::new();
    for table in team_tables {
        let section = Section::new(source, "[[team]]", table.line, table.value, mistakes);
        let team = read_team(section, &teams);
        teams.push(At {
            line: table.line,
            value: team,
        });
    }
    let mut accounts: Vec<Option<Account>> = Vec::new();
    for table in account_tables {
        let section = Section::new(source, "[[account]]", table.line, table.value, mistakes);
        let account = read_account(section, &accounts);
        accounts.push(account);
    }
    let rules = rule::read_rules(source, rule_tables, mistakes);
    let mut stages: Vec<At<Option<StageSettings>>> = Vec::new();
    for table in stage_tables {
        let section = Section::new(source, "[[stage]]", table.line, table.value, mistakes);
        let stage = read_stage(section, &stages);
        stages.push(At {
            line: table.line,
            value: stage,
        });
    }
    // A team or account that could not be read is no reason to call every mention of it unknown.
    let named = teams
        .iter()
        .map(|team| team.value.as_ref().map(|team| team.name.clone()))
        .collect::<Option<BTreeSet<_>>>();
    let hosted = accounts
        .iter()
        .map(|account| account.as_ref().map(|account| account.stages.clone()))
        .collect::<Option<Vec<_>>>()
        .map(|stages| stages.into_iter().flatten().collect::<BTreeSet<_>>());
    let address = portal.and_then(|table| {
        let mut section = Section::new(source, "[portal]", table.line, table.value, mistakes);
        let address = section.parsed("address", "\"https://gatehouse.example.com\"");
        section.finish();
        address
    });
    let sign_in = sign_in.and_then(|table| {
        let section = Section::new(source, "[sign-in]", table.line, table.value, mistakes);
        let (sign_in, role_tables) = read_sign_in(section);
        let mut roles = Vec::new();
        for table in role_tables {
            let section = Section::new(
                source,
                "[[sign-in.role]]",
                table.line,
                table.value,
                mistakes,
            );
            roles.extend(read_role(section, named.as_ref(), hosted.as_ref()));
        }
        sign_in.map(|sign_in| SignIn { roles, ..sign_in })
    });
    let mut members = Vec::new();
    for table in member_tables {
        let section = Section::new(source, "[[member]]", table.line, table.value, mistakes);
        let roles = sign_in.as_ref().map(|sign_in| sign_in.roles.as_slice());
        members.extend(member::read_member(section, roles, &members));
    }
    let mut freezes = window::Before::new();
    for table in freeze_tables {
        let section = Section::new(source, "[[freeze]]", table.line, table.value, mistakes);
        let (teams, stages) = (named.as_ref(), hosted.as_ref());
        let freeze = window::read_freeze(section, teams, stages, &freezes, chrono::Utc::now());
        freezes.extend(freeze.map(|value| At {
            line: table.line,
            value,
        }));
    }
    Some(Configuration {
        freezes: freezes.into_iter().map(|freeze| freeze.value).collect(),
        address: address?.value,
        sign_in: sign_in?,
        teams: teams.into_iter().filter_map(|team| team.value).collect(),
        accounts: accounts.into_iter().flatten().collect(),
        rules,
        stages: stages.into_iter().filter_map(|stage| stage.value).collect(),
        members: members.into_iter().map(|member| member.value).collect(),
        vetted_blueprints,
    })
}

fn read_vetted_blueprints(file: &mut Section<'_, '_>) -> Vec<BlueprintName> {
    const KEY: &str = "vetted-blueprints";
    let listed = file.list_if_any::<BlueprintName>(KEY, "[\"customer-data-platform\"]");
    let Some(At { line, value: names }) = listed else {
        return Vec::new();
    };
    let twin = names
        .iter()
        .enumerate()
        .find(|(index, name)| names.iter().take(*index).any(|before| before == *name));
    if let Some((_, name)) = twin {
        file.mistake(line, format!("{KEY} names {name} twice; keep one of them"));
    }
    names
}

fn read_sign_in<'a>(
    mut section: Section<'a, '_>,
) -> (Option<SignIn>, Vec<At<&'a toml::de::DeTable<'a>>>) {
    let issuer = section.parsed("issuer", "\"https://login.example.com\"");
    let client_id = section.text("client-id", "\"gatehouse\"");
    let scopes = section.list_if_any::<String>("scopes", "[\"openid\", \"profile\", \"email\"]");
    if let Some(scopes) = &scopes
        && !scopes.value.iter().any(|scope| scope == "openid")
    {
        section.mistake(
            scopes.line,
            "scopes lacks \"openid\"; without it the identity provider gives no ID token",
        );
    }
    let groups_claim = section.text_if_any("groups-claim", "\"groups\"");
    let idle = section.count("session-idle-minutes", 60);
    let hours = section.count("session-hours", 12);
    let roles = section.tables("role", "[[sign-in.role]]");
    if roles.is_empty() {
        let line = section.line();
        section.mistake(
            line,
            "there is no [[sign-in.role]]; without one nobody can do anything",
        );
    }
    section.finish();
    let sign_in = (|| {
        Some(SignIn {
            issuer: issuer?.value,
            client_id: client_id?.value,
            scopes: scopes.map_or_else(
                || SCOPES_BY_DEFAULT.map(str::to_owned).to_vec(),
                |scopes| scopes.value,
            ),
            groups_claim: groups_claim
                .map_or_else(|| GROUPS_CLAIM_BY_DEFAULT.to_owned(), |claim| claim.value),
            session_idle: Duration::from_secs(u64::from(idle) * 60),
            session_absolute: Duration::from_secs(u64::from(hours) * 3600),
            roles: Vec::new(),
        })
    })();
    (sign_in, roles)
}

fn read_role(
    mut section: Section<'_, '_>,
    teams: Option<&BTreeSet<TeamName>>,
    hosted: Option<&BTreeSet<Stage>>,
) -> Option<(String, Grant)> {
    let value = section.text("value", "\"payments:developer\"");
    let role = section.text("role", "\"developer\"");
    let team = section.text_if_any("team", "\"payments\"");
    let stages = section.list_if_any::<Stage>("stages", "[\"staging\", \"prod\"]");
    let heading = section.line();
    let grant = role.and_then(|role| {
        let name = role.value.as_str();
        let (takes_team, takes_stages) = match name {
            "developer" => (true, false),
            "approver" => (true, true),
            "security" | "platform" | "auditor" => (false, false),
            other => {
                section.mistake(
                    role.line,
                    format!("“{other}” is not a role; a role is developer, approver, security, platform or auditor"),
                );
                return None;
            }
        };
        for (key, line, wanted) in [
            ("team", team.as_ref().map(|team| team.line), takes_team),
            ("stages", stages.as_ref().map(|stages| stages.line), takes_stages),
        ] {
            match (line, wanted) {
                (None, true) => section.mistake(
                    heading,
                    format!("role {name} needs {key}; add {key} to this [[sign-in.role]]"),
                ),
                (Some(line), false) => {
                    section.mistake(line, format!("role {name} takes no {key}; remove it"));
                }
                _ => {}
            }
        }
        let team = team.as_ref().and_then(|team| known_team(&mut section, team, teams));
        if let (Some(stages), Some(hosted)) = (&stages, hosted) {
            for stage in stages.value.iter().filter(|stage| !hosted.contains(stage)) {
                section.mistake(
                    stages.line,
                    format!("no [[account]] has the stage {stage}; add it to an account's stages or remove it here"),
                );
            }
        }
        match name {
            "developer" => Some(Grant::Developer { team: team? }),
            "approver" => Some(Grant::Approver {
                team: team?,
                stages: stages?.value,
            }),
            "security" => Some(Grant::Security),
            "platform" => Some(Grant::Platform),
            _ => Some(Grant::Auditor),
        }
    });
    section.finish();
    Some((value?.value, grant?))
}

fn known_team(
    section: &mut Section<'_, '_>,
    given: &At<String>,
    teams: Option<&BTreeSet<TeamName>>,
) -> Option<TeamName> {
    let name: TeamName = match given.value.parse() {
        Ok(name) => name,
        Err(error) => {
            section.mistake(given.line, format!("team: {error}"));
            return None;
        }
    };
    if let Some(teams) = teams
        && !teams.contains(&name)
    {
        let known: Vec<_> = teams.iter().map(TeamName::as_str).collect();
        section.mistake(
            given.line,
            format!(
                "there is no team {name}; the teams are {}",
                known.join(", ")
            ),
        );
        return None;
    }
    Some(name)
}

fn read_team(mut section: Section<'_, '_>, before: &[At<Option<Team>>]) -> Option<Team> {
    let name = section.parsed::<TeamName>("name", "\"payments\"");
    let title = section.text("title", "\"Payments\"");
    let cost_centre = section.text("cost-centre", "\"CC-1001\"");
    if let Some(name) = &name {
        let twin = before.iter().find(|team| {
            team.value
                .as_ref()
                .is_some_and(|team| team.name == name.value)
        });
        if let Some(twin) = twin {
            section.mistake(
                name.line,
                format!(
                    "team {} stands at line {} already; keep one of them",
                    name.value, twin.line
                ),
            );
        }
    }
    section.finish();
    Some(Team {
        name: name?.value,
        title: title?.value,
        cost_centre: cost_centre?.value,
    })
}

fn read_account(mut section: Section<'_, '_>, before: &[Option<Account>]) -> Option<Account> {
    let id = section.parsed::<AccountId>("id", "\"111111111111\"");
    let name = section.text("name", "\"dev\"");
    let stages = section.list::<Stage>("stages", "[\"dev\"]");
    let region = section.parsed("region", "\"eu-west-1\"");
    if let Some(id) = &id
        && before
            .iter()
            .flatten()
            .any(|account| account.id == id.value)
    {
        section.mistake(
            id.line,
            format!(
                "account {} has an [[account]] already; put its stages there",
                id.value
            ),
        );
    }
    if let Some(stages) = &stages {
        for stage in &stages.value {
            if let Some(other) = before
                .iter()
                .flatten()
                .find(|account| account.stages.contains(stage))
            {
                section.mistake(
                    stages.line,
                    format!(
                        "stage {stage} is in account {} ({}) already; a stage has one account",
                        other.id, other.name
                    ),
                );
            }
        }
    }
    let mut arn = |key, kind: &str, example: &str| {
        let of = id.as_ref().map(|id| id.value.as_str());
        let right = format!(
            "\"arn:aws:iam::{}:{kind}/{example}\"",
            of.unwrap_or("111111111111")
        );
        let given = section.text(key, &right)?;
        if let Err(wrong) = check_arn(&given.value, kind, of) {
            section.mistake(
                given.line,
                format!("{key}: {wrong}; write for example {key} = {right}"),
            );
            return None;
        }
        Some(given)
    };
    let plan_role = arn("plan-role", "role", "gatehouse-plan");
    let execute_role = arn("execute-role", "role", "gatehouse-execute");
    let service_role = arn("service-role", "role", "gatehouse-service");
    let permissions_boundary = arn("permissions-boundary", "policy", "gatehouse-boundary");
    for (key, role, others) in [
        ("execute-role", &execute_role, vec![&plan_role]),
        (
            "service-role",
            &service_role,
            vec![&plan_role, &execute_role],
        ),
    ] {
        if let Some(role) = role
            && others.iter().any(|other| {
                other
                    .as_ref()
                    .is_some_and(|other| other.value == role.value)
            })
        {
            section.mistake(
                role.line,
                format!("{key} is one of the account's other roles; plan, execute and service are three roles"),
            );
        }
    }
    let external_id = section.text("external-id", "what `gatehouse external-id` prints");
    if let Some(given) = &external_id
        && let Err(wrong) = check_external_id(&given.value)
    {
        section.mistake(
            given.line,
            format!("external-id {wrong}; make one with `gatehouse external-id`"),
        );
    }
    let artifact_bucket = section.text(
        "artifact-bucket",
        "\"gatehouse-artifacts-111111111111-eu-west-1\"",
    );
    if let Some(bucket) = &artifact_bucket
        && !is_bucket_name(&bucket.value)
    {
        section.mistake(
            bucket.line,
            format!("artifact-bucket: “{}” is not a bucket name; S3 takes 3 to 63 lower-case letters, digits, hyphens and dots", bucket.value),
        );
    }
    section.finish();
    Some(Account {
        id: id?.value,
        name: name?.value,
        stages: stages?.value,
        region: region?.value,
        plan_role: plan_role?.value,
        execute_role: execute_role?.value,
        service_role: service_role?.value,
        permissions_boundary: permissions_boundary?.value,
        external_id: external_id?.value,
        artifact_bucket: artifact_bucket?.value,
    })
}

/// Checks an IAM ARN: `arn:<partition>:iam::<account>:<kind>/<name>` (IAM User Guide, "IAM identifiers").
fn check_arn(arn: &str, kind: &str, account: Option<&str>) -> Result<(), String> {
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", of, resource] = parts.as_slice() else {
        return Err(format!("“{arn}” is not the ARN of a {kind}"));
    };
    let named = resource
        .strip_prefix(kind)
        .and_then(|rest| rest.strip_prefix('/'))
        .is_some_and(|name| !name.is_empty() && !name.contains(char::is_whitespace));
    if !partition.starts_with("aws") || !named {
        return Err(format!("“{arn}” is not the ARN of a {kind}"));
    }
    match account {
        Some(account) if account != *of => {
            Err(format!("“{arn}” belongs to account {of}, not to {account}"))
        }
        _ => Ok(()),
    }
}

/// Checks an ExternalId: STS takes 2 to 1,224 of `[\w+=,.@:/-]` (STS API Reference, `AssumeRole`); ours
/// has at least 16, since whoever guesses it can name Gatehouse a role of somebody else.
fn check_external_id(id: &str) -> Result<(), &'static str> {
    if id.chars().count() < 16 {
        return Err("is too short to be unguessable, it has to have at least 16 characters");
    }
    if id.len() > 1224 {
        return Err("is too long, STS takes at most 1,224 characters");
    }
    if !id
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c))
    {
        return Err(
            "has a character that STS doesn't take, it takes letters, digits and _+=,.@:/-",
        );
    }
    Ok(())
}

/// S3 User Guide, "General purpose bucket naming rules".
fn is_bucket_name(name: &str) -> bool {
    let end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    (3..=63).contains(&name.len())
        && end(name.chars().next())
        && end(name.chars().last())
        && !name.contains("..")
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.')
}
