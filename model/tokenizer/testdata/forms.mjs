// Run as: node forms.mjs forms.json, beside npm's tokenizers. Writes small tokenizer files of many forms with the ids and texts that the reference library gives.
import { Tokenizer } from 'tokenizers';
import fs from 'fs';
import os from 'os';
let seed = 7;
const rnd = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
const pick = a => a[Math.floor(rnd() * a.length)];
const byteChars = () => { const m = []; let n = 0; for (let b = 0; b < 256; b++) m.push((b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174 ? String.fromCharCode(b) : String.fromCharCode(256 + n++)); return m; };
const level = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
const levelDec = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true };
const bare = { ...level, use_regex: false };
const added = (id, content, o = {}) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: false, ...o });
const seq = (...p) => ({ type: 'Sequence', pretokenizers: p });
const split = (pattern, behavior, invert = false) => ({ type: 'Split', pattern, behavior, invert });
const bytesModel = (o = {}) => {
  const vocab = {}; byteChars().forEach((c, i) => vocab[c] = i);
  const merges = ['a b', 'ab ab', 'Ġ ab', 'Ġ a', '1 2', '12 3', 'e r', 'l o', 'lo w', 'Ġ low', 'low er', '. .'];
  for (const m of merges) vocab[m.replace(' ', '')] = Object.keys(vocab).length;
  return { type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, ignore_merges: false, vocab, merges, ...o };
};
const doc = o => ({ version: '1.0', truncation: null, padding: null, added_tokens: [], normalizer: null, pre_tokenizer: level, post_processor: null, decoder: levelDec, model: bytesModel(), ...o });
const spmModel = (o = {}) => {
  const vocab = { '<unk>': 0, '<s>': 1, '</s>': 2 };
  for (let b = 0; b < 256; b++) vocab[`<0x${b.toString(16).toUpperCase().padStart(2, '0')}>`] = b + 3;
  for (const c of '▁abcdelorw12.é') vocab[c] = Object.keys(vocab).length;
  const merges = ['▁ a', 'a b', 'ab ab', '▁ ab', '▁ ▁', 'l o', 'lo w', '▁ low', 'low e', 'lowe r', '1 2', 'e r', '▁low er'];
  for (const m of merges) vocab[m.replace(' ', '')] ??= Object.keys(vocab).length;
  return { type: 'BPE', dropout: null, unk_token: '<unk>', continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: true, byte_fallback: true, ignore_merges: false, vocab, merges, ...o };
};
const noBytes = o => { const m = spmModel({ byte_fallback: false, ...o }); const vocab = {}; for (const k of Object.keys(m.vocab)) if (!k.startsWith('<0x')) vocab[k] = m.vocab[k]; return { ...m, vocab }; };
const spmTokens = [added(0, '<unk>', { special: true }), added(1, '<s>', { special: true }), added(2, '</s>', { special: true })];
const llamaNorm = { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, { type: 'Replace', pattern: { String: ' ' }, content: '▁' }] };
const llamaDec = { type: 'Sequence', decoders: [{ type: 'Replace', pattern: { String: '▁' }, content: ' ' }, { type: 'ByteFallback' }, { type: 'Fuse' }, { type: 'Strip', content: ' ', start: 1, stop: 0 }] };
const meta = (prepend_scheme, split = true) => ({ type: 'Metaspace', replacement: '▁', prepend_scheme, split });
const spm = o => doc({ added_tokens: spmTokens, pre_tokenizer: null, normalizer: llamaNorm, decoder: llamaDec, model: spmModel(), ...o });
const cl100k = "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s";
const forms = {
  'bytes': doc(), 'prefix space': doc({ pre_tokenizer: { ...level, add_prefix_space: true } }), 'no regex': doc({ pre_tokenizer: bare }),
  'prefix space, no regex': doc({ pre_tokenizer: { ...bare, add_prefix_space: true } }),
  'digits alone': doc({ pre_tokenizer: seq({ type: 'Digits', individual_digits: true }, level) }), 'digits in groups': doc({ pre_tokenizer: seq({ type: 'Digits', individual_digits: false }, level) }),
  'punctuation': doc({ pre_tokenizer: seq({ type: 'Punctuation', behavior: 'Contiguous' }, level) }), 'punctuation isolated': doc({ pre_tokenizer: seq({ type: 'Punctuation', behavior: 'Isolated' }, level) }),
  'whitespace split': doc({ pre_tokenizer: seq({ type: 'WhitespaceSplit' }, bare) }), 'whitespace': doc({ pre_tokenizer: seq({ type: 'Whitespace' }, bare) }),
  'cl100k': doc({ pre_tokenizer: seq(split({ Regex: cl100k }, 'Isolated'), bare) }),
  'three splits': doc({ pre_tokenizer: seq(split({ Regex: '[\r\n]' }, 'Isolated'), split({ Regex: '\\s?[A-Za-zµÀ-ÖØ-öø-ƺ]+' }, 'Isolated'), split({ Regex: '\\s+$' }, 'Isolated'), { type: 'Digits', individual_digits: true }, bare) }),
  'merge twice': doc({ model: bytesModel({ merges: [...bytesModel().merges, 'a b'] }) }), 'ignore merges': doc({ model: bytesModel({ ignore_merges: true }) }),
  'strings split': doc({ pre_tokenizer: seq(split({ String: 'ab' }, 'MergedWithNext'), bare) }),
  'lowercase': doc({ normalizer: { type: 'Sequence', normalizers: [{ type: 'NFD' }, { type: 'Lowercase' }, { type: 'StripAccents' }] } }),
  'nfkc': doc({ normalizer: { type: 'NFKC' } }), 'strip': doc({ normalizer: { type: 'Strip', strip_left: true, strip_right: false } }),
  'replace regex': doc({ normalizer: { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' } }),
  'added flags': doc({ added_tokens: [added(264, 'low', { single_word: true }), added(268, '<l>', { lstrip: true }), added(269, '<r>', { rstrip: true }), added(270, '<b>', { lstrip: true, rstrip: true, special: true }), added(271, ' <r>'), added(60, '<', { normalized: true }), added(272, 'r><', { normalized: false })] }),
  'added normalized': doc({ normalizer: { type: 'Lowercase' }, added_tokens: [added(268, 'AB', { normalized: true }), added(269, 'LOW', { normalized: false }), added(270, 'b1', { normalized: true }), added(271, '1B', { normalized: false })] }),
  'llama': spm({}), 'llama without bytes': spm({ model: noBytes({}) }), 'llama, unknown one by one': spm({ model: noBytes({ fuse_unk: false }) }), 'llama, ignore merges': spm({ model: spmModel({ ignore_merges: true }) }),
  'llama, added': spm({ added_tokens: [...spmTokens, added(286, '<x>', { normalized: true }), added(287, '<r>', { rstrip: true }), added(288, '<l>', { lstrip: true })] }),
  'gemma': spm({ normalizer: llamaNorm.normalizers[1], pre_tokenizer: split({ String: ' ' }, 'MergedWithPrevious'), decoder: { type: 'Sequence', decoders: llamaDec.decoders.slice(0, 3) } }),
};
for (const behavior of ['Removed', 'Isolated', 'Contiguous', 'MergedWithPrevious', 'MergedWithNext']) for (const invert of [false, true])
  forms[`split ${behavior}${invert ? ' inverted' : ''}`] = doc({ pre_tokenizer: seq(split({ Regex: ' ?\\p{L}+' }, behavior, invert), bare) });
for (const scheme of ['always', 'first', 'never']) for (const cut of [true, false])
  forms[`metaspace ${scheme}${cut ? '' : ', whole'}`] = spm({ normalizer: null, pre_tokenizer: meta(scheme, cut), decoder: { ...meta(scheme, cut) } });
const words = ['ab', 'abab', 'low', 'lower', 'Low', 'AB', 'b1', '1B', 'é', 'É', '12', '123', '1234', '.', '..', '!', ' ', '  ', '\n', '\r\n', '\t', 'x', '🦙', '日', '<s>', '</s>', '<l>', '<r>', '<b>', '<x>', '<', 'r><', "'s", "'LL", '▁', '½', '\u00a0', 'e\u0301', '<0x41>', '$', '+'];
const out = [];
for (const [name, file] of Object.entries(forms)) {
  const path = os.tmpdir() + '/form.json';
  fs.writeFileSync(path, JSON.stringify(file));
  const tok = Tokenizer.fromFile(path);
  const texts = ['', ' ', 'ab', ' ab', 'ab ab', 'lower low', '<s>ab', 'ab<s> ab'];
  while (texts.length < 60) { let s = ''; for (let i = 0, n = 1 + Math.floor(rnd() * 8); i < n; i++) s += (rnd() < 0.4 ? ' ' : '') + pick(words); texts.push(s); }
  const cases = [];
  for (const text of texts) { const ids = (await tok.encode(text, null, { addSpecialTokens: false })).getIds(); cases.push({ text, ids, decoded: await tok.decode(ids, false) }); }
  out.push({ name, file, cases });
}
fs.writeFileSync(process.argv[2], JSON.stringify({ source: 'tokenizers 0.23.2 (npm), made by forms.mjs', forms: out }));
console.log(out.length);
