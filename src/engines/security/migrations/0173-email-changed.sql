-- When the e-mail became what it is. A directory or an officer can give somebody an e-mail: whoever then proves to own it
-- by a link must not find ways in that were set up while it was another's.
alter table identity.person add column email_changed_at timestamptz;
