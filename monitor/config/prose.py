"""The words of the reference page that are not made of the grammar."""

#: A whole configuration, as the page shows it.
EXAMPLE = """\
vantage: fra1
database: sqlite:///monitor.db
listen: 127.0.0.1:9464
token: ${MONITOR_TOKEN}
budget: {usd_per_day: 20}
limits: {per_host: 50}             # runs at once; what finds no room waits

defaults:
  interval_seconds: 60
  deadlines:
    total_seconds: 50
  throughput: true                 # tokens per second, every quarter of an hour

providers:
  openai:                          # a preset has this name: it knows the rest
    api_key: ${OPENAI_API_KEY}
    models:
      gpt-6-luna:
      gpt-6.1-sol:
        interval_seconds: 300

  openai-europe:                   # a second account, on the same preset
    preset: openai
    api_key: file:/run/secrets/openai-europe
    base_url: https://eu.api.openai.com/v1
    region: eu
    models:
      gpt-6-luna:                  # no body: all as the levels above say
        prices: {input_usd_per_million: 0.11, output_usd_per_million: 0.55}

  azure:
    resource: my-resource          # fills the preset's https://{resource}.openai.azure.com/...
    api_key: ${AZURE_OPENAI_API_KEY}
    models:
      my-deployment:
        group: openai/gpt-6-luna
        reasoning: true
        prices: {input_usd_per_million: 0.1, output_usd_per_million: 0.5}

  openrouter:
    api_key: ${OPENROUTER_API_KEY}
    title: my-monitor
    models:
      openai/gpt-oss-20b:
        discover: openrouter       # one target for every provider endpoint
        interval_seconds: 300

  inference:                       # your own servers; no preset, no key
    base_url: http://127.0.0.1:8000/v1
    listing: {interval_seconds: 120}
    models:
      qwen3-8b:
        group: qwen/qwen3-8b
        reasoning: true
        prices: {input_usd_per_million: 0, output_usd_per_million: 0}
        targets:
          - name: gpu-1
          - name: gpu-2
            base_url: http://127.0.0.1:8001/v1
"""

INTRO = """\
# Configuration

<!-- Generated: python -m monitor.config.reference > docs/configuration.md -->

One YAML file, `monitor.yaml` by custom. Without a file, every provider whose usual API key is in
the environment is probed with its default model (see [presets](#presets)), and `MONITOR_TOKEN`, if
it is set, is the token of the HTTP surfaces.

`monitor check-config` tells all that is wrong with a file at once, each with its line; unknown keys
are errors, with a guess at what was meant. `monitor config schema` prints the grammar as a JSON
Schema for editors. `--database` and `--listen` of `monitor run` beat the file.

```yaml
{example}```

**Levels.** `defaults`, a provider, a model and a target may each set the keys of
[every level](#every-level). The innermost wins, key by key; `headers`, `query` and
`request.extra_body` are joined.

**Kinds.** Each target has a `completion` probe, from which uptime, latency and health come.
`throughput` adds a long answer now and then, for tokens per second; `listing` adds the provider's
list of models, which is free and a diagnostic only. Both are off unless asked for; `true` is
enough, and on a nearer level `false` takes it back.

**Costs.** `monitor check-config` reckons what the scheduled runs of a day cost at most: about 30
tokens of prompt and every generated token that is allowed. What has no known price is shown as `?`
and counted in tokens. A `budget` is a limit that is kept: near it throughput probes stop and
intervals stretch, and once it is spent runs are `missed`. A preset's prices hold at its own base
URL; elsewhere write `prices`.

**Limits.** So many runs may be under way at once: all together, of one provider, and at one host.
One that finds no room waits, in order of arrival; that is told as schedule delay and is in no
latency. One that still waits when the next slot of its probe comes is `missed`
(`missed-concurrency`).

**Retention.** The daemon deletes what is older each hour, in small steps (`monitor db prune`: now).
Where several daemons share a database, the one that keeps the least decides. SQLite's file does not
shrink, but fills what was freed before it grows. Targets, schedules, incidents, states and counters
are never deleted.

**Outages.** What the store does not take within a second is appended to the [spool](#spool),
flushed to disk, and written later, oldest first, each once. A folder is one monitor's.

**Our own network.** Before a target is blamed for a connection that could not be made or broke
off, or an answer that did not come in time, the daemon opens TCP connections (2 s at most) to hosts
of two other providers, and to the `canary` of [`network`](#network) if one is named. If the canary
or both hosts cannot be reached either, the run is `inconclusive` (`prober-network`): no downtime,
no change of state. Hosts of one domain (the last two labels) count as one; those whose targets are
all `down` are not asked. What is on this machine is compared with its like only, and there ports
stand for hosts; what is far away only with what is far away. With fewer than two such hosts and no
canary it stays the provider's doing, of which `check-config` warns.

**Routers.** What each target should get is told to [HAProxy](routing/haproxy.md) and
[Envoy](routing/envoy.md) as said in [`routing`](#routing); other routers ask for it over HTTP.

**Listeners.** Whoever asks for metrics, API or pages sends the `token` as a bearer token, or, as
browsers do, as the password of basic authentication. With [`tls`](#tls) they speak HTTPS (TLS 1.2
and 1.3) on the same port. The files are read at the start, and anew when a connection comes after
they changed; where the new ones cannot be used, the old ones stay and the log says why.

**Discovery.** A model of the preset `openrouter` with `discover: openrouter` is one target for each
provider endpoint that OpenRouter lists for it, each pinned to that endpoint. What else is said of
the model holds for all of them. A list that fails or names nothing changes no target; after a
restart they are probed again once the first list has come, with all that is stored of them.

**Secrets.** `${{NAME}}` in any value is the environment variable of that name; it is an error if
that is not set or empty. `${{NAME:-text}}` has a fallback, `$$` is a dollar sign. The value of an
`api_key`, a `token`, an AWS secret or a header may also be `file:/path` (relative to the
configuration file): the content of that file, without the line break at its end. When that content
changes, the new secret is used and hidden at once. Secrets never show up in an error message, a log
line or an excerpt; nor does what a variable gives anywhere else, if its name tells of a secret,
like `CODE_KEY`. Inside `{{ }}` YAML wants `"${{NAME}}"` in quotes.

**Changes.** The file, and the files of secrets that it names, are looked at every 2 seconds. What
has changed is taken into force once it is the same at two looks, and by `SIGHUP` at once. Targets
that stay keep their slots and all that is known of them; a run in flight ends as it began.
`database`, `listen`, `vantage`, `spool`, `tls`, `token`, `public`, `metrics` and `routing` take
effect at the next start, of which the log warns. A file that cannot be used changes nothing
([how that is told](operating.md#changing-the-configuration)).

**Planned work.** In the times of [`maintenance`](#work) runs go on and health steps as ever, but
`llmprobe_maintenance` is 1, which alerts leave out, and uptime is told without them beside uptime
itself (`policy="outside_maintenance"`, `outside_maintenance_uptime_ratio`): exactly for the windows
of up to 24 hours, while the longer ones leave out each whole hour (UTC) in which there was any. It
goes by what the file says now, so leave what is over in it for as long as windows reach back.

**Public mode.** With `public: true` and a `token`, who sends the token sees all. Who does not
sees the pages (`/`, `/models/…`, `/targets/…`), `/api/v1/targets` with `…/series` and `…/window`,
`/api/v1/incidents`, `incidents.atom` and badges (`/api/v1/badge/TARGET.svg`, with
`?show=uptime&window=30d`): states, reasons that are the provider's doing, uptime and times. Words
of providers, hosts, costs, prices, tokens, request ids and reasons that are our own account's are
left out, as is all that is not named as public.

**Targets.** A model is one target with the key `provider/model`, or several under `targets` with
the keys `provider/model@name`. The key is the target's identity in the store, the metrics and the
API: rename it, and it is another target.

**Groups.** Where `group` is not set, it is the model's name if that is of the form `author/slug`;
else the preset's author (without one, the provider's name), `/`, and the last part of the model's
name.

**Health.** [How a target's state changes](health.md) can be set on every level, and for a group in
`groups`; `monitor replay` shows what other settings would have done. Longer intervals want fewer
`failures`: without confirm runs, each costs an interval.

**Deadlines.** What is not set is fitted to what is set. What is set must fit: connect < total,
first token ≤ total, stall ≤ total, total < interval, jitter < half of the interval. `throughput`
and `listing` have deadlines of their own; but for the total, those of `completion` hold where they
have none, cut to fit.

**Reasoning models.** For a model that reasons, what `defaults` and its provider set as first-token
deadline and as token ceiling is raised to what reasoning needs, and their temperature is left out;
what the model or its target sets itself holds as it is.

**YAML.** Scalars are those of YAML 1.2 (`no` is text, `0123` is a number), keys are always text,
duplicate keys are errors, anchors and `<<` work, and no other types than the core ones exist.
"""

PRESETS_INTRO = """
## Presets

A provider that has the name of a preset, or names it with `preset`, needs to say only what differs.
The key is looked up in the variable when `api_key` is not set and the base URL is the preset's own;
without a file, presets with a default model are probed if their variable is set. What stands in
`{ }` is filled from `resource`, `project` and `region`. Models are known to reason by their names.
[Adding a provider](adding-a-provider.md) is one more row.

| preset | variable | base URL | dialect | key header | default model | author |
|---|---|---|---|---|---|---|
"""

PRICES_INTRO = """
## Prices of the presets

In US dollars per million tokens, as of November 2026. What is not here is not known for sure.

| preset | model | input | output |
|---|---|---|---|
"""
