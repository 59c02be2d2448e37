//! What the configuration file says of a stage: `[[stage]]`.
use super::section::{At, Section};
use domain::change::next_stage;
use domain::stage::Stage;

/// The longest soak time, in minutes: 30 days.
const LONGEST_SOAK: u32 = 30 * 24 * 60;

/// The settings of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageSettings {
    /// The stage.
    pub stage: Stage,
    /// How long a release has to hold there before it may be promoted, in minutes.
    pub soak_minutes: u32,
}

/// Reads one `[[stage]]`; `before` are those that stand further up in the file.
pub(super) fn read_stage(
    mut section: Section<'_, '_>,
    before: &[At<Option<StageSettings>>],
) -> Option<StageSettings> {
    let name = section.parsed::<Stage>("name", "\"staging\"");
    let soak_minutes = section.count_if_any("soak-minutes", 60);
    if let Some(minutes) = &soak_minutes
        && minutes.value > LONGEST_SOAK
    {
        section.mistake(
            minutes.line,
            format!("soak-minutes is at most {LONGEST_SOAK}, which is 30 days"),
        );
    }
    if let Some(name) = &name {
        let twin = before.iter().find(|other| {
            other
                .value
                .as_ref()
                .is_some_and(|it| it.stage == name.value)
        });
        if let Some(twin) = twin {
            section.mistake(
                name.line,
                format!(
                    "stage {} stands at line {} already; keep one of them",
                    name.value, twin.line
                ),
            );
        }
        if let Some(minutes) = &soak_minutes
            && next_stage(name.value).is_none()
        {
            section.mistake(
                minutes.line,
                format!(
                    "nothing is promoted from {}, so it takes no soak-minutes; remove it",
                    name.value
                ),
            );
        }
    }
    section.finish();
    Some(StageSettings {
        stage: name?.value,
        soak_minutes: soak_minutes.map_or(0, |minutes| minutes.value),
    })
}

#[cfg(test)]
mod tests {
    use crate::configuration::Configuration;
    use domain::stage::Stage;

    const GOOD: &str = include_str!("good.toml");

    fn read(stages: &str) -> Result<Configuration, String> {
        let first = GOOD.lines().count() + 1;
        let source = format!("{GOOD}\n{stages}");
        Configuration::parse("gatehouse.toml", &source).map_err(|errors| {
            let errors: Vec<_> = errors
                .iter()
                .map(|error| format!("{}: {}", error.line - first, error.message))
                .collect();
            errors.join("\n")
        })
    }

    #[test]
    fn a_stage_soaks_for_as_long_as_the_file_says_or_not_at_all() {
        let configuration =
            read("[[stage]]\nname = \"dev\"\nsoak-minutes = 15\n[[stage]]\nname = \"staging\"\n")
                .unwrap();
        assert_eq!(configuration.soak_minutes(Stage::Dev), 15);
        assert_eq!(configuration.soak_minutes(Stage::Staging), 0);
        assert_eq!(read("").unwrap().soak_minutes(Stage::Dev), 0);
    }

    #[test]
    fn what_is_wrong_with_a_stage_is_said_with_its_line() {
        insta::assert_snapshot!(
            read(
                "[[stage]]\nname = \"test\"\n[[stage]]\nsoak-minutes = 5\n[[stage]]\nname = \"dev\"\nsoak-minutes = \"long\"\n\
                 [[stage]]\nname = \"dev\"\nsoak-minutes = 50000\nsoak = 1\n[[stage]]\nname = \"prod\"\nsoak-minutes = 5\n"
            )
            .unwrap_err(),
            @r#"
        2: name: “test” is not a stage; a stage is dev, staging, prod, feature or recovery
        3: [[stage]] has no name; add name = "staging"
        7: soak-minutes has to be a whole number of at least 1, for example soak-minutes = 60
        9: stage dev stands at line 63 already; keep one of them
        10: soak-minutes is at most 43200, which is 30 days
        11: [[stage]] has no setting soak; it has name, soak-minutes
        14: nothing is promoted from prod, so it takes no soak-minutes; remove it
        "#
        );
    }
}
