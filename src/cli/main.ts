import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { MODE_IDS } from '../core/kernel/program.ts'
import type { Printed } from '../core/kubectl/get.ts'
import { runCheck } from './check.ts'
import { type CompareOptions, runCompare } from './compare.ts'
import { BadInput } from './fail.ts'
import { type KubectlOptions, runDescribe, runGet } from './kubectl.ts'
import { type PacketOptions, runPacket } from './packet.ts'
import { runRules } from './rules.ts'
import { runRun } from './run.ts'
import { runTrace, type TraceOptions } from './trace.ts'

const VERSION = '0.1.0'

const collect = (value: string, before: readonly string[]) => [...before, value]

function whole(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(text)
}

/** A command with the options that all of them take. */
function command(name: string, summary: string): Command {
  return new Command(name)
    .summary(summary)
    .description(summary)
    .option('-f, --filename <file>', 'file, directory or - for standard input; may be given several times', collect, [])
    .option('-o, --output <format>', 'output format')
    .option('--bare', 'add nothing to what the input holds')
    .addOption(new Option('--mode <mode>', 'proxy mode, over what the input says').choices(MODE_IDS))
    .option('--seed <number>', 'seed of all random choices', whole, 42)
}

function program(answer: (printed: Printed) => void): Command {
  const kubectl = (one: Command) =>
    one
      .option('-n, --namespace <namespace>', 'namespace')
      .option('-A, --all-namespaces', 'all namespaces')
      .option('-l, --selector <selector>', 'label selector')
  const all = new Command('kubehop').description('Kubernetes Service networking, simulated exactly.').version(VERSION)
  all.addCommand(
    command('rules', 'what kube-proxy has programmed on a node')
      .requiredOption('--node <node>', 'the node')
      .action((options) => answer(runRules(options))),
  )
  all.addCommand(
    command('packet', "what one node's kernel does with one packet")
      .option('--node <node>', 'the node')
      .option('--src <ip>', 'source address')
      .option('--dst <ip:port>', 'destination')
      .option('--proto <protocol>', 'tcp, udp, sctp or icmp')
      .option('--hook <hook>', 'prerouting or output')
      .option('--all', 'every way it can go')
      .option('--requests <file>', 'questions as JSON Lines')
      .action((options: PacketOptions) => answer(runPacket(options))),
  )
  all.addCommand(
    command('trace', 'the whole journey of a request, out and back')
      .option('--from <who>', 'outside, client/NAME, node/NAME, pod/NS/NAME or deploy/NAME')
      .option('--to <what>', 'URL, HOST:PORT, "ping HOST" or "nslookup NAME"')
      .option('--via <node>', 'the node an outside packet enters by')
      .option('--proto <protocol>', 'tcp, udp, sctp or icmp')
      .option('-X, --method <method>', 'HTTP method')
      .option('-H, --header <header>', '"Name: value"; may be given several times', collect, [])
      .option('--count <number>', 'how often', whole)
      .option('--all', 'every way it can go')
      .option('--requests <file>', 'questions as JSON Lines')
      .action((options: TraceOptions) => answer(runTrace(options))),
  )
  all.addCommand(
    command('compare', 'one Ingress under several controllers, the differences named')
      .option('--ingress <ns/name>', 'the Ingress; else the one that names the host, or the first')
      .option('--to <url>', "the request; else the Ingress's first rule as it is written")
      .option('-X, --method <method>', 'HTTP method')
      .option('-H, --header <header>', '"Name: value"; may be given several times', collect, [])
      .option('--profiles <names>', 'spec, ingress-nginx, traefik, haproxy, cloud: some of these, with commas')
      .action((options: CompareOptions) => answer(runCompare(options))),
  )
  all.addCommand(
    kubectl(command('get', 'objects of the settled cluster, as kubectl get prints them'))
      .argument('<resources...>')
      .option('--show-labels', 'labels as the last column')
      .option('--no-headers', 'no header line')
      .action((words: string[], options: KubectlOptions) => answer(runGet(words, options))),
  )
  all.addCommand(
    kubectl(command('describe', 'objects of the settled cluster, as kubectl describe prints them'))
      .argument('<resources...>')
      .action((words: string[], options: KubectlOptions) => answer(runDescribe(words, options))),
  )
  all.addCommand(command('run', "carries out the input's Scenario").action((options) => answer(runRun(options))))
  all.addCommand(command('check', 'what is wrong with the input').action((options) => answer(runCheck(options))))
  return all
}

/** Commands that already carry their subcommands' settings: errors are ours to print. */
function quiet(one: Command): Command {
  one.exitOverride().showSuggestionAfterError(false).showHelpAfterError(false)
  one.commands.forEach(quiet)
  return one
}

function main(): void {
  let printed: Printed = { out: '', err: '', code: 0 }
  try {
    quiet(program((answer) => (printed = answer))).parse()
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2
      return
    }
    if (!(error instanceof BadInput)) throw error
    printed = { out: '', err: `${error.message}\n`, code: 2 }
  }
  process.stderr.write(printed.err)
  process.stdout.write(printed.out)
  process.exitCode = printed.code
}

main()
