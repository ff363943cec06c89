// Lives inside one network namespace for a whole run: opens listeners and dials, as told by JSON lines on standard input.
import dgram from 'node:dgram'
import net from 'node:net'
import { createInterface } from 'node:readline'

let open = []
const closed = new WeakSet()
const reply = (id, result) => process.stdout.write(`${JSON.stringify({ id, ...result })}\n`)
const bare = (address) => (address ?? '').replace(/^::ffff:/, '')

function listenTcp({ name, ip, port }) {
  return new Promise((resolve) => {
    const server = net.createServer((socket) => {
      socket.on('error', () => {})
      socket.end(`${name} ${bare(socket.remoteAddress)} ${socket.remotePort}`)
    })
    server.on('error', (error) => resolve(`${ip}:${port}/tcp ${error.code}`))
    server.listen({ host: ip, port, backlog: 511 }, () => {
      open.push(server)
      resolve(undefined)
    })
  })
}

function listenUdp({ name, ip, port }) {
  return new Promise((resolve) => {
    const socket = dgram.createSocket(ip.includes(':') ? 'udp6' : 'udp4')
    socket.on('message', (_, peer) => socket.send(`${name} ${bare(peer.address)} ${peer.port}`, peer.port, peer.address))
    socket.on('error', (error) => resolve(`${ip}:${port}/udp ${error.code}`))
    socket.bind({ address: ip, port }, () => {
      open.push(socket)
      resolve(undefined)
    })
  })
}

async function listen(sockets) {
  for (const one of open) one.close()
  open = []
  const faults = []
  for (const socket of sockets) faults.push(await (socket.proto === 'udp' ? listenUdp(socket) : listenTcp(socket)))
  return { faults: faults.filter(Boolean) }
}

function dialTcp({ src, sport, dst, port, timeout }) {
  return new Promise((resolve) => {
    let text = ''
    const socket = net.connect({ host: dst, port, ...(src ? { localAddress: src } : {}), ...(sport ? { localPort: sport } : {}) })
    const end = (result) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(result)
    }
    const timer = setTimeout(() => end({ outcome: 'timeout' }), timeout)
    socket.on('data', (data) => {
      text += data
    })
    socket.on('end', () => end(text ? { outcome: 'answer', text } : { outcome: 'empty' }))
    socket.on('error', (error) =>
      end({ outcome: error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET' ? 'refused' : 'error', code: error.code }),
    )
  })
}

/** A REJECT in the own OUTPUT chain fails the first send with EPERM and the next one with the ICMP's error; a DROP fails both with EPERM. */
function sendUdp(socket, end, tries) {
  if (closed.has(socket)) return
  socket.send('?', (fault) => {
    if (!fault) return
    // The second try comes when nobody looks at rule traces any more.
    if (fault.code === 'EPERM' && tries > 1) setTimeout(() => sendUdp(socket, end, tries - 1), 500)
    else end({ outcome: fault.code === 'EPERM' ? 'timeout' : fault.code === 'ECONNREFUSED' ? 'refused' : 'error', code: fault.code })
  })
}

function dialUdp({ src, sport, dst, port, timeout }) {
  return new Promise((resolve) => {
    const socket = dgram.createSocket(dst.includes(':') ? 'udp6' : 'udp4')
    const end = (result) => {
      clearTimeout(timer)
      if (closed.has(socket)) return
      closed.add(socket)
      socket.close()
      resolve(result)
    }
    const timer = setTimeout(() => end({ outcome: 'timeout' }), timeout)
    socket.on('message', (data) => end({ outcome: 'answer', text: String(data) }))
    socket.on('error', (error) =>
      end({ outcome: error.code === 'ECONNREFUSED' ? 'refused' : error.code === 'EPERM' ? 'timeout' : 'error', code: error.code }),
    )
    socket.bind({ ...(src ? { address: src } : {}), ...(sport ? { port: sport } : {}) }, () => {
      socket.connect(port, dst, (error) => {
        if (error) end({ outcome: 'error', code: error.code })
        else sendUdp(socket, end, 2)
      })
    })
  })
}

createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, ...order } = JSON.parse(line)
  try {
    if (order.do === 'listen') reply(id, await listen(order.sockets))
    else if (order.do === 'dial')
      reply(id, { results: await Promise.all(order.dials.map((dial) => (dial.proto === 'udp' ? dialUdp(dial) : dialTcp(dial)))) })
    else reply(id, { fault: `unknown order ${order.do}` })
  } catch (error) {
    reply(id, { fault: String(error) })
  }
})
process.stdin.on('end', () => process.exit(0))
reply(0, { up: true })
