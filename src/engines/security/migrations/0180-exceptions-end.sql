-- Whoever ends exceptions whose day is over asks for those of every tenant at once.
call platform.admit_system('identity.duty_exception', 'select');
