-- Lists of changes name the verdict of the latest plan; reading it out of every whole plan would be slow.
-- Plans from before access was judged have none.
alter table plan add column access_verdict text  -- domain::access::Verdict
  generated always as (reviewed #>> '{access,verdict}') stored;
