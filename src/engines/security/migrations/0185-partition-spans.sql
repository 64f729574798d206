-- What goes when is shown before the days of a class are changed: pure arithmetic, nothing of anybody's.
grant execute on function audit.partition_start(text, timestamptz), audit.partition_end(text, timestamptz) to tradeai_app;
