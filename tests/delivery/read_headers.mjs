// A second reader of headers, in a second language: RFC 5322 folding and quoting, RFC 2047 encoded words.
// Written from the RFCs, without packages. Reads a JSON array of base64 letters from the file named on the
// command line; prints for each {subject, name, address, wayOut, languages, longest} as a JSON array.
import { readFileSync } from "node:fs";

const utf8 = new TextDecoder("utf-8", { fatal: true });

function headers(letter) {
  const head = letter.subarray(0, letter.indexOf("\r\n\r\n")).toString("latin1");
  const found = new Map();
  for (const line of head.split(/\r\n(?![ \t])/)) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    if (found.has(name)) throw new Error(`${name} stands twice`);
    found.set(name, line.slice(colon + 1).replace(/\r\n(?=[ \t])/g, "").replace(/^[ \t]+|[ \t]+$/g, ""));
  }
  return found;
}

// Adjacent encoded words: the white space between them is not part of the text (RFC 2047 section 6.2).
function decoded(value) {
  const word = /=\?([\w-]+)\?([BbQq])\?([^? ]*)\?=/;
  const run = new RegExp(`${word.source}(?:[ \\t]+${word.source})*`, "g");
  return value.replace(run, (text) => {
    const bytes = text.split(/[ \t]+/).map((one) => {
      if (one.length > 75) throw new Error(`an encoded word of ${one.length} characters`);
      const [, charset, encoding, content] = one.match(word);
      if (charset.toLowerCase() !== "utf-8") throw new Error(charset);
      const octets = encoding.toUpperCase() === "B" ? Buffer.from(content, "base64") : quoted(content);
      utf8.decode(octets); // each word is whole characters (section 5)
      return octets;
    });
    return utf8.decode(Buffer.concat(bytes));
  });
}

function quoted(content) {
  const plain = content.replace(/_/g, " ").replace(/=([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(plain, "latin1");
}

function mailbox(value) {
  const [, phrase, address] = value.match(/^(.*?)[ \t]*<([^<>]*)>$/);
  const isQuoted = /^"(?:[^"\\]|\\.)*"$/.test(phrase);
  return { name: isQuoted ? phrase.slice(1, -1).replace(/\\(.)/g, "$1") : decoded(phrase), address };
}

const letters = JSON.parse(readFileSync(process.argv[2], "utf8")).map((one) => Buffer.from(one, "base64"));
const told = letters.map((letter) => {
  const found = headers(letter);
  const longest = Math.max(...letter.toString("latin1").split("\r\n").map((line) => line.length));
  return {
    subject: decoded(found.get("subject")),
    ...mailbox(found.get("from")),
    wayOut: found.get("list-unsubscribe"),
    languages: found.get("content-language"),
    longest,
  };
});
process.stdout.write(JSON.stringify(told));
