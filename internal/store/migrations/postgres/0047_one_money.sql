-- What tools cost is told in the reporting currency, by the rates of business data: what the stack had of its own moves there.
INSERT INTO currency_rate (base, currency, day, rate, origin)
SELECT r ->> 'currency', s.value::jsonb ->> 'currency', r ->> 'day', (r ->> 'rate')::double precision, 'the stack'
FROM setting s, jsonb_array_elements(CASE WHEN jsonb_typeof(s.value::jsonb -> 'rates') = 'array' THEN s.value::jsonb -> 'rates' ELSE '[]' END) r -- rates that were never sent are null
WHERE s.key = 'tool_money'
ON CONFLICT (base, currency, day) DO NOTHING;
INSERT INTO setting (key, value)
SELECT 'business', jsonb_build_object('reporting', value::jsonb ->> 'currency', 'at_risk', 50)::text FROM setting WHERE key = 'tool_money'
ON CONFLICT (key) DO NOTHING;
DELETE FROM setting WHERE key = 'tool_money';
