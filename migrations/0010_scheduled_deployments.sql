-- Deployments can be set for a time beforehand.

alter table change
  add column deploy_at timestamptz, -- deployed at the earliest then; null for once it is approved
  add column deploy_zone text,      -- IANA name of the zone that the time was given in
  add constraint change_deploy_zone check ((deploy_at is null) = (deploy_zone is null));
