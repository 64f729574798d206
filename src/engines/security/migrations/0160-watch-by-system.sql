-- Whoever watches several tenants says so in one statement every second.
call platform.admit_system('security.watch', 'select, update');
