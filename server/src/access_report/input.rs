//! Reading the files, and what is said of one that is of no use.
use domain::template::limits::MAX_BUCKET_BYTES;
use domain::template::{ParseError, Position, TemplateError};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Why there is no answer: the file, the line where there is one, and the reason.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// The file can't be read.
    #[error("{}: it can't be read: {reason}", file.display())]
    Unreadable {
        file: PathBuf,
        reason: std::io::Error,
    },
    /// The file is larger than CloudFormation takes.
    #[error(
        "{}: it has more than {MAX_BUCKET_BYTES} bytes, the most that CloudFormation takes. Compare smaller files.",
        .0.display()
    )]
    TooLarge(PathBuf),
    /// The file is not UTF-8.
    #[error("{}:{at}: a byte here is no UTF-8. Save the file as UTF-8.", file.display())]
    NotText { file: PathBuf, at: Position },
    /// The text does not parse.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// The template can't be resolved.
    #[error("{}", lines(.0))]
    Template(Vec<TemplateError>),
    /// A value for a template that is not there.
    #[error("{file}:{at}: values are given for a template that is not there (-).")]
    ValuesForNothing { file: String, at: Position },
    /// Standard output is gone.
    #[error("the answer can't be written: {0}")]
    Output(std::io::Error),
}

impl From<Vec<TemplateError>> for Unusable {
    fn from(errors: Vec<TemplateError>) -> Self {
        Unusable::Template(errors)
    }
}

fn lines(errors: &[TemplateError]) -> String {
    let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// The text of a file, at most as large as a template may be.
///
/// # Errors
/// When it can't be read, is too large, or is not UTF-8.
pub(super) fn read(path: &Path) -> Result<String, Unusable> {
    let unreadable = |reason| Unusable::Unreadable {
        file: path.to_owned(),
        reason,
    };
    let most = MAX_BUCKET_BYTES as u64;
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    if bytes.len() > MAX_BUCKET_BYTES {
        return Err(Unusable::TooLarge(path.to_owned()));
    }
    String::from_utf8(bytes).map_err(|error| Unusable::NotText {
        file: path.to_owned(),
        at: end_of(error.as_bytes(), error.utf8_error().valid_up_to()),
    })
}

/// The place after so many bytes, which are UTF-8.
fn end_of(bytes: &[u8], valid: usize) -> Position {
    let text = String::from_utf8_lossy(bytes.get(..valid).unwrap_or_default());
    let last = text.rsplit('\n').next().unwrap_or_default();
    Position {
        line: 1 + text.matches('\n').count(),
        column: 1 + last.chars().count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        assert_eq!(end_of(b"\xff", 0), Position::START);
        let bytes = "a\nbü\u{ff}".as_bytes();
        assert_eq!(end_of(bytes, 5), Position { line: 2, column: 3 });
    }
}
