//! Sets of approval rules that decisions were counted by.
use super::row::write;
use super::{Connection, Result};
use domain::change::{Rules, canonical_json, sha256};
use domain::names::Digest;

/// Keeps a set of rules, once; gives its digest.
#[tracing::instrument(name = "db.rule_set.keep", skip_all)]
pub async fn keep(connection: &mut Connection, rules: &Rules) -> Result<Digest> {
    let rules = write(rules)?;
    let digest = sha256(canonical_json(&rules).as_bytes());
    sqlx::query!(
        "insert into rule_set (digest, rules) values ($1, $2) on conflict do nothing",
        digest.as_str(),
        rules,
    )
    .execute(connection)
    .await?;
    Ok(digest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::PgPool;

    #[sqlx::test(migrations = "../migrations")]
    async fn the_same_rules_are_kept_once(pool: PgPool) {
        let mut connection = pool.acquire().await.unwrap();
        let shipped = keep(&mut connection, &Rules::shipped()).await.unwrap();
        let again = keep(&mut connection, &Rules::shipped()).await.unwrap();
        let others = keep(&mut connection, &Rules(Vec::new())).await.unwrap();
        assert_eq!(shipped, again);
        assert_ne!(shipped, others);
        let kept = sqlx::query_scalar!(
            "select rules from rule_set where digest = $1",
            shipped.as_str()
        )
        .fetch_one(&mut *connection)
        .await
        .unwrap();
        assert_eq!(
            serde_json::from_value::<Rules>(kept).unwrap(),
            Rules::shipped()
        );
    }
}
