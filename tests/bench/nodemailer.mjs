// Letters by a nodemailer pool that signs:  node nodemailer.mjs FOLDER PORT COUNT CONNECTIONS LETTER
//
// FOLDER holds node_modules; LETTER is a JSON file {html, text, key}. Tells in JSON how many were
// accepted and how many microseconds that took, its own start not counted.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [folder, port, count, connections, file] = process.argv.slice(2);
const nodemailer = createRequire(`${folder}/`)("nodemailer");
const letter = JSON.parse(readFileSync(file, "utf8"));

const pool = nodemailer.createTransport({
  pool: true,
  host: "127.0.0.1",
  port: Number(port),
  maxConnections: Number(connections),
  maxMessages: Infinity,
  ignoreTLS: true,
  dkim: { domainName: "hanbit-peace.example", keySelector: "rsa", privateKey: letter.key },
});

const began = process.hrtime.bigint();
const answers = Array.from({ length: Number(count) }, (_, number) => {
  const link = `https://letters.hanbit-peace.example/unsubscribe/${String(number).padStart(44, "0")}`;
  return pool.sendMail({
    from: "Hanbit Peace Institute <letters@hanbit-peace.example>",
    to: `r${number}@reader.example`,
    subject: "Weekly Briefing No. 12",
    html: letter.html.replaceAll("{link}", link),
    text: letter.text.replaceAll("{link}", link),
    list: { unsubscribe: { url: link, comment: "" } },
  });
});
const accepted = (await Promise.all(answers)).filter((answer) => answer.accepted.length === 1);
const took = Number((process.hrtime.bigint() - began) / 1000n);
pool.close();
console.log(JSON.stringify({ done: accepted.length, took }));
