-- Approving for production takes a sign-in of a few minutes ago.

alter table session
  add column authenticated_at timestamptz; -- when the person proved who they are, as the identity provider says; null when it does not
alter table sign_in_attempt
  add column anew boolean not null default false; -- whether the person has to prove anew who they are
