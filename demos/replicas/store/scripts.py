"""Scripts that the engine runs as one step. They check every write of a thread: who writes, and after which event.

A thread is a hash (who owns it, and what its newest entry is) and a stream (its entries). The fence grows with every
claim: whoever was frozen meanwhile holds an old one, and writes nothing more.
"""

from __future__ import annotations

FORMAT = 1
"""Of what is stored. A replica that finds a newer one leaves the thread alone."""

CREATE = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'token', '', 'fence', 0, 'seq', 0, 'sub', 0, 'format', ARGV[2], unpack(ARGV, 3))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
"""
"""KEYS: thread. ARGV: milliseconds to keep it, format, then names and values. Returns 1 if it was made."""

CLAIM = """
local now = redis.call('HMGET', KEYS[1], 'token', 'fence', 'format')
if not now[1] then return {'gone', '', 0} end
if now[1] == ARGV[2] then return {'claimed', now[1], tonumber(now[2])} end
if now[1] ~= '' and redis.call('EXISTS', ARGV[3] .. now[1]) == 1 then return {'owned', now[1], 0} end
if tonumber(now[3]) > tonumber(ARGV[4]) then return {'newer', '', 0} end
local fence = redis.call('HINCRBY', KEYS[1], 'fence', 1)
redis.call('HSET', KEYS[1], 'token', ARGV[2])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return {'claimed', ARGV[2], fence}
"""
"""KEYS: thread, owners. ARGV: thread, claimer, prefix of signs of life, format. Returns what was found, owner,
fence."""

APPEND = """
local now = redis.call('HMGET', KEYS[1], 'token', 'fence', 'seq', 'sub')
if not now[1] then return {'gone', 0, 0} end
if now[1] ~= ARGV[1] or now[2] ~= ARGV[2] then return {'fenced', 0, 0} end
local seq, sub = tonumber(now[3]), tonumber(now[4])
for i = 6, #ARGV, 5 do
  local s, b = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  if s > seq or (s == seq and b > sub) then
    if s > seq + 1 then return {'behind', seq, sub} end
    redis.call('XADD', KEYS[2], ARGV[i] .. '-' .. ARGV[i + 1], 't', ARGV[i + 2], 'p', ARGV[i + 3], 'n', ARGV[i + 4])
    seq, sub = s, b
  end
end
redis.call('HSET', KEYS[1], 'seq', seq, 'sub', sub)
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'run', ARGV[5]) end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
if ARGV[4] ~= '0' then redis.call('XTRIM', KEYS[2], 'MINID', ARGV[4]) end
return {'stored', seq, sub}
"""
"""KEYS: thread, log. ARGV: owner, fence, milliseconds to keep both, oldest number to keep, the newest run or '', then
five an entry: number, place behind it, text, pieces, note. An entry that is there is passed over, so that a repeat
changes nothing."""

RELEASE = """
local now = redis.call('HMGET', KEYS[1], 'token', 'fence')
if now[1] ~= ARGV[2] or now[2] ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], 'token', '')
if ARGV[4] == '1' then redis.call('HSET', KEYS[2], ARGV[1], '') else redis.call('HDEL', KEYS[2], ARGV[1]) end
return 1
"""
"""KEYS: thread, owners. ARGV: thread, owner, fence, 1 if a run is to be gone on with elsewhere."""

FORGET = """
local now = redis.call('HMGET', KEYS[1], 'token', 'seq')
if now[1] ~= '' or now[2] ~= ARGV[1] then return 0 end
return redis.call('DEL', unpack(KEYS))
"""
"""KEYS: thread, log, reports, checkpoints. ARGV: its newest number, as the one knows it who needs the room."""

RESTORE = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[1], 'format', ARGV[3], unpack(ARGV, 4))
redis.call('HSET', KEYS[3], ARGV[1], ARGV[2])
return 1
"""
"""KEYS: thread, log, owners. ARGV: thread, owner, format, then names and values. For an engine that lost its data."""
