//! A folder of files, and the command run in it.
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Files of one test.
pub(crate) struct Folder(PathBuf);

/// What a run of the command gave.
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) error: String,
}

impl Folder {
    /// An empty folder. Tests run at once, so each has its own name.
    pub(crate) fn new(name: &str) -> Folder {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join("access_diff")
            .join(name);
        if path.exists() {
            std::fs::remove_dir_all(&path).unwrap();
        }
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub(crate) fn with(self, file: &str, text: impl AsRef<[u8]>) -> Folder {
        std::fs::write(self.0.join(file), text).unwrap();
        self
    }

    /// Runs `gatehouse` here, with nothing of this process's environment.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let done = Command::new(env!("CARGO_BIN_EXE_gatehouse"))
            .args(arguments)
            .current_dir(&self.0)
            .env_clear()
            .stdin(Stdio::null())
            .output()
            .unwrap();
        Run {
            status: done.status.code().unwrap(),
            out: String::from_utf8(done.stdout).unwrap(),
            error: String::from_utf8(done.stderr).unwrap(),
        }
    }

    /// The answer for machines of a run that must succeed.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let run = self.run(&[arguments, &["--format", "json"]].concat());
        assert_eq!(run.status, 0, "{}", run.error);
        assert_eq!(run.error, "");
        serde_json::from_str(&run.out).unwrap()
    }
}

/// A template with one role that may do this on everything.
pub(crate) fn role_that_may(action: &str) -> String {
    format!(
        r#"Resources:
  OrdersRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {{ Service: lambda.amazonaws.com }}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: orders
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {{ Effect: Allow, Action: "{action}", Resource: "*" }}
"#
    )
}

/// A policy that allows this on everything.
pub(crate) fn policy_of(action: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*"}}}}"#
    )
}
