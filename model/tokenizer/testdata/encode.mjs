// Run as: node encode.mjs tokenizers/index.js tokenizer.json strings.json answer.json. Has npm's tokenizers encode and decode each of a list of strings.
import { createRequire } from 'module';
import fs from 'fs';
const [library, file, strings, answer] = process.argv.slice(2);
const { Tokenizer } = createRequire(import.meta.url)(library);
const tok = Tokenizer.fromFile(file), out = [];
for (const text of JSON.parse(fs.readFileSync(strings))) {
  const ids = (await tok.encode(text, null, { addSpecialTokens: false })).getIds();
  out.push({ ids: Array.from(ids), decoded: await tok.decode(Array.from(ids), false) });
}
fs.writeFileSync(answer, JSON.stringify(out));
