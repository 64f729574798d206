-- Turning over keys seals these anew, as the system; the application itself goes on only adding rectifications.
grant update (before, after) on privacy.rectification to tradeai_system;
grant update (client_secret) on identity.single_sign_on to tradeai_system;
