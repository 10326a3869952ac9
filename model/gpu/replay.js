// The part of the WebGPU driver that runs often: it turns a submit, recorded as
// words by Go, into calls. commands.go has the same numbers.
"use strict";

// clexgpu makes the player of one device. lists hold what the words name:
// buffers, pipelines and groups. done(ticket, bytes, error, kind) tells how a submit
// ended, with the numbers of Go's Kind.
globalThis.clexgpu = (device, lists, done) => {
  const LOST = 2, MEMORY = 3, INVALID = 4;
  const idle = [];

  // staging is a buffer to read back with, at least so large.
  function staging(size) {
    for (let i = 0; i < idle.length; i++) {
      if (idle[i].size >= size) return idle.splice(i, 1)[0];
    }
    const room = Math.max(4096, 2 ** Math.ceil(Math.log2(size)));
    return device.createBuffer({ size: room, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  }

  function record(words, count, back) {
    const encoder = device.createCommandEncoder();
    let pass = null;
    let at = 0;
    let filled = 0;
    let uniforms = null;
    const outside = () => {
      if (pass) pass.end();
      pass = null;
    };
    while (at < count) {
      const op = words[at++];
      if (op <= 4 && !pass) {
        pass = encoder.beginComputePass();
        if (uniforms) pass.setBindGroup(0, ...uniforms);
      }
      switch (op) {
        case 1:
          pass.setPipeline(lists.pipelines[words[at++]]);
          break;
        case 2:
          pass.setBindGroup(1, lists.groups[words[at++]]);
          break;
        case 3:
          uniforms = [lists.groups[words[at]], [words[at + 1]]];
          pass.setBindGroup(0, ...uniforms);
          at += 2;
          break;
        case 4:
          pass.dispatchWorkgroups(words[at], words[at + 1], words[at + 2]);
          at += 3;
          break;
        case 5:
          outside();
          encoder.copyBufferToBuffer(lists.buffers[words[at]], words[at + 1], back, filled, words[at + 2]);
          filled += words[at + 2];
          at += 3;
          break;
        case 6:
          outside();
          encoder.clearBuffer(lists.buffers[words[at]], words[at + 1], words[at + 2]);
          at += 3;
          break;
        case 7:
          device.queue.writeBuffer(lists.buffers[words[at]], words[at + 1], words, at + 3, words[at + 2]);
          at += 3 + words[at + 2];
          break;
        default:
          throw new Error("unknown operation " + op);
      }
    }
    outside();
    return encoder.finish();
  }

  return (ticket, words, count, size) => {
    device.pushErrorScope("out-of-memory");
    device.pushErrorScope("validation");
    let back = null;
    let wait;
    let kind = LOST;
    try {
      back = size > 0 ? staging(size) : null;
      device.queue.submit([record(words, count, back)]);
      wait = back ? back.mapAsync(GPUMapMode.READ, 0, size) : device.queue.onSubmittedWorkDone();
    } catch (error) {
      kind = INVALID;
      wait = Promise.reject(error);
    }
    const scopes = [device.popErrorScope(), device.popErrorScope()];
    Promise.all([wait, ...scopes]).then(
      ([, invalid, memory]) => {
        const trouble = invalid || memory;
        let bytes = null;
        if (back) {
          if (!trouble) bytes = new Uint8Array(back.getMappedRange(0, size)).slice();
          back.unmap();
          idle.push(back);
        }
        done(ticket, bytes, trouble ? trouble.message : "", invalid ? INVALID : MEMORY);
      },
      (error) => done(ticket, null, error.message || String(error), kind),
    );
  };
};
