-- What an approver has answered, and what others have, newest first.

create index decision_decided_by on decision (decided_by, change desc);
create index change_team on change (team, number desc);
create index change_stage on change (stage, number desc);
