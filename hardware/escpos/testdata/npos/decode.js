'use strict';

// Takes print jobs apart with npos, a decoder of ESC/POS that shares nothing with
// ours, and iconv-lite, which shares nothing with Go's tables of GBK.
//
//   node decode.js JOB...     prints one JSON array of steps for each file
//
// A step is {text}, {picture: {width, height, bits}}, or {command, args}; bits are
// packed rows, the high bit left, 1 is ink; bits and args are base64.

const fs = require('fs');
const iconv = require('iconv-lite');
const npos = require('npos');
const rules = require('npos/lib/parser/ruler').rules;

// Commands that npos 0.1.19 does not know, by the length that their makers print:
// QR codes (Epson), heat and density (CSN-A2).
rules[npos.symbols.GS]['(k'] = [0, 'd16'];
rules[npos.symbols.ESC]['7'] = [3];
rules[0x12] = { '#': [1] };

function picture(raw, node) {
  const map = npos.codecs.raster.decode(raw, [{ offset: node.offset }]);
  const stride = map.width / 8;
  const bits = Buffer.alloc(stride * map.height);
  for (let y = 0; y < map.height; y++) {
    for (let x = 0; x < map.width; x++) {
      if (map.getPixel(x, y) === 0) bits[y * stride + (x >> 3)] |= 0x80 >> (x & 7);
    }
  }
  return { width: map.width, height: map.height, bits: bits.toString('base64') };
}

function decode(file) {
  const ast = npos.parser().analyze(fs.readFileSync(file));
  if (ast.error) throw new Error(`${file}: ${ast.error.message}`);
  return ast.tree.map((node) => {
    const bytes = ast.raw.subarray(node.offset, node.offset + node.length);
    if (node.ascii === 'STX') return { text: iconv.decode(bytes, 'GB18030') };
    const command = `${node.ascii} ${node.fn}`;
    if (command === 'GS v0') return { picture: picture(ast.raw, node) };
    return { command, args: bytes.subarray(1 + node.fn.length).toString('base64') };
  });
}

for (const file of process.argv.slice(2)) console.log(JSON.stringify(decode(file)));
