//! People whom the configuration file names as members of groups: `[[member]]`.
use super::section::{At, Section};
use domain::names::Subject;
use domain::person::Grant;

/// Somebody who is known before they ever sign in. This shows who can answer, and grants nothing: what somebody may
/// do is what their own sign-in says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Their subject at the identity provider.
    pub subject: Subject,
    /// What to call them.
    pub name: String,
    /// Values that the groups claim will hold for them.
    pub groups: Vec<String>,
}

/// Reads one `[[member]]`; `roles` are those that values of the claim are mapped to, where they could be read, and
/// `before` the members that stand further up in the file.
pub(super) fn read_member(
    mut section: Section<'_, '_>,
    roles: Option<&[(String, Grant)]>,
    before: &[At<Member>],
) -> Option<At<Member>> {
    let line = section.line();
    let subject = section.parsed::<Subject>("subject", "\"248289761001\"");
    let name = section.text("name", "\"Sky Security\"");
    let groups = section.list::<String>("groups", "[\"security\"]");
    for group in groups.iter().flat_map(|groups| &groups.value) {
        let mapped = |roles: &[(String, Grant)]| roles.iter().any(|(value, _)| value == group);
        if roles.is_some_and(|roles| !mapped(roles)) {
            let at = groups.as_ref().map_or(line, |groups| groups.line);
            section.mistake(
                at,
                format!("no [[sign-in.role]] has the value “{group}”, so being in it means nothing; name one that has"),
            );
        }
    }
    let twin = subject.as_ref().and_then(|subject| {
        before
            .iter()
            .find(|other| other.value.subject == subject.value)
    });
    if let (Some(twin), Some(subject)) = (twin, &subject) {
        let message = format!(
            "{} stands at line {} already; keep one of them",
            subject.value, twin.line
        );
        section.mistake(subject.line, message);
    }
    section.finish();
    let value = Member {
        subject: subject?.value,
        name: name?.value,
        groups: groups?.value,
    };
    Some(At { line, value })
}

#[cfg(test)]
mod tests {
    use crate::configuration::Configuration;
    use domain::change::Group;
    use domain::stage::Stage;

    const GOOD: &str = include_str!("good.toml");

    fn read(members: &str) -> Result<Configuration, String> {
        let first = GOOD.lines().count() + 1;
        let source = format!("{GOOD}\n{members}");
        Configuration::parse("gatehouse.toml", &source).map_err(|errors| {
            let errors: Vec<_> = errors
                .iter()
                .map(|error| format!("{}: {}", error.line - first, error.message))
                .collect();
            errors.join("\n")
        })
    }

    #[test]
    fn a_member_is_in_the_groups_that_its_values_are_mapped_to() {
        let configuration = read(
            "[[member]]\nsubject = \"lea\"\nname = \"Lea Lead\"\ngroups = [\"leads\"]\n\
             [[member]]\nsubject = \"pia\"\nname = \"Pia\"\ngroups = [\"payments:approver\"]\n",
        )
        .unwrap();
        let team = "payments".parse().unwrap();
        let named = |stage| {
            let members = configuration.members_of(Group::Approver, (&team, stage));
            members
                .map(|member| member.name.as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(named(Stage::Dev), ["Lea Lead"]);
        assert_eq!(named(Stage::Prod), ["Lea Lead", "Pia"]);
        let place = (&team, Stage::Prod);
        assert_eq!(configuration.members_of(Group::Security, place).count(), 0);
    }

    #[test]
    fn what_is_wrong_with_a_member_is_said_with_its_line() {
        insta::assert_snapshot!(
            read(
                "[[member]]\nsubject = \"lea\"\nname = \"Lea\"\ngroups = [\"leaders\"]\n\
                 [[member]]\nsubject = \"lea\"\nname = \" \"\n[[member]]\nname = \"Pia\"\ngroups = \"leads\"\nrole = 1\n"
            )
            .unwrap_err(),
            @r#"
        4: no [[sign-in.role]] has the value “leaders”, so being in it means nothing; name one that has
        5: [[member]] has no groups; add groups = ["security"]
        6: lea stands at line 59 already; keep one of them
        7: name is empty; write for example "Sky Security"
        8: [[member]] has no subject; add subject = "248289761001"
        10: groups is of type string; write groups = ["security"]
        11: [[member]] has no setting role; it has subject, name, groups
        "#
        );
    }
}
