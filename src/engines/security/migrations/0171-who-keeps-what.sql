-- Reading invariants became monitoring:read, and predicting a plan that is not stored ml:predict: roles of tenants' own making
-- that opened these before go on doing so.
update identity.role set permissions = permissions || array['monitoring:read'], version = version + 1, changed_at = now()
  where 'accruals:read' = any(permissions) and not 'monitoring:read' = any(permissions);
update identity.role set permissions = permissions || array['ml:predict'], version = version + 1, changed_at = now()
  where 'promotions:create' = any(permissions) and not 'ml:predict' = any(permissions);
