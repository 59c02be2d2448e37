//! Templates too long for a request: kept in the account's artifact bucket under their digest.
use super::call::Operation;
use super::error::AwsError;
use super::session::{Planning, Session};
use aws_sdk_s3::types::ChecksumAlgorithm;
use domain::change::sha256;

impl Session<Planning> {
    /// Puts the template into the artifact bucket and gives the URL that CloudFormation takes. The
    /// key is the template's digest, so a repeated put changes nothing.
    pub async fn put_template(&self, template: &str) -> Result<String, AwsError> {
        let key = format!("templates/{}", sha256(template.as_bytes()));
        let bucket = &self.account().artifact_bucket;
        let request = self
            .s3()
            .await?
            .put_object()
            .bucket(bucket)
            .key(&key)
            .content_type("text/plain; charset=utf-8")
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .body(template.as_bytes().to_vec().into())
            .send();
        self.call(Operation::PutTemplate, bucket, Box::pin(request))
            .await?;
        Ok(match self.endpoint() {
            Some(endpoint) => format!("{}/{bucket}/{key}", endpoint.trim_end_matches('/')),
            None => {
                let region = &self.account().region;
                let suffix = if region.as_str().starts_with("cn-") {
                    ".cn"
                } else {
                    ""
                };
                format!("https://{bucket}.s3.{region}.amazonaws.com{suffix}/{key}")
            }
        })
    }
}
