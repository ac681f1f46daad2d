-- What tools cost is told in the reporting currency, by the rates of business data: what the stack had of its own moves there.
INSERT INTO currency_rate (base, currency, day, rate, origin)
SELECT json_extract(r.value, '$.currency'), json_extract(s.value, '$.currency'), json_extract(r.value, '$.day'), json_extract(r.value, '$.rate'), 'the stack'
FROM setting s, json_each(s.value, '$.rates') r WHERE s.key = 'tool_money' AND r.type = 'object' -- rates that were never sent are null
ON CONFLICT (base, currency, day) DO NOTHING;
INSERT INTO setting (key, value)
SELECT 'business', json_object('reporting', json_extract(value, '$.currency'), 'at_risk', 50) FROM setting WHERE key = 'tool_money'
ON CONFLICT (key) DO NOTHING;
DELETE FROM setting WHERE key = 'tool_money';
