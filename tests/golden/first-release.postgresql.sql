CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.health (
    target_id integer NOT NULL,
    vantage text NOT NULL,
    state text NOT NULL,
    since_at timestamp with time zone,
    reason text,
    consecutive_failures integer NOT NULL,
    consecutive_successes integer NOT NULL,
    failing_since_at timestamp with time zone,
    ever_worked boolean NOT NULL,
    last_result_at timestamp with time zone,
    last_success_at timestamp with time zone
);
CREATE TABLE public.result (
    target_id integer NOT NULL,
    slot_at timestamp with time zone NOT NULL,
    kind text NOT NULL,
    vantage text NOT NULL,
    confirm integer NOT NULL,
    result_id text NOT NULL,
    started_at timestamp with time zone,
    schedule_delay_seconds double precision,
    outcome text NOT NULL,
    fault text NOT NULL,
    rule text NOT NULL,
    phase text,
    http_status integer,
    provider_code text,
    message text,
    retry_after_seconds double precision,
    openrouter_good boolean,
    dns_seconds double precision,
    connect_seconds double precision,
    tls_seconds double precision,
    first_byte_seconds double precision,
    headers_seconds double precision,
    reused boolean,
    ttft_seconds double precision,
    ttfat_seconds double precision,
    duration_seconds double precision,
    output_tokens_per_second double precision,
    e2e_tokens_per_second double precision,
    input_tokens bigint,
    output_tokens bigint,
    reasoning_tokens bigint,
    cached_tokens bigint,
    reads integer,
    received_bytes bigint,
    cost_usd double precision,
    finish_reason text,
    request_id text,
    loop_lag_seconds double precision,
    observation_delay_seconds double precision,
    tainted boolean NOT NULL
);
CREATE TABLE public.schedule (
    target_id integer NOT NULL,
    kind text NOT NULL,
    vantage text NOT NULL,
    interval_seconds double precision NOT NULL,
    valid_from_at timestamp with time zone NOT NULL,
    valid_to_at timestamp with time zone
);
CREATE TABLE public.target (
    id integer NOT NULL,
    key text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    "group" text NOT NULL,
    region text,
    dialect text NOT NULL,
    host text NOT NULL,
    simulated boolean NOT NULL,
    first_seen_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone
);
CREATE SEQUENCE public.target_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.target_id_seq OWNED BY public.target.id;
CREATE TABLE public.transition (
    id bigint NOT NULL,
    target_id integer NOT NULL,
    vantage text NOT NULL,
    at timestamp with time zone NOT NULL,
    old_state text NOT NULL,
    new_state text NOT NULL,
    reason text NOT NULL,
    incident_at timestamp with time zone,
    slot_at timestamp with time zone NOT NULL,
    result_id text NOT NULL
);
CREATE SEQUENCE public.transition_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.transition_id_seq OWNED BY public.transition.id;
ALTER TABLE ONLY public.target ALTER COLUMN id SET DEFAULT nextval('public.target_id_seq'::regclass);
ALTER TABLE ONLY public.transition ALTER COLUMN id SET DEFAULT nextval('public.transition_id_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('0001');
INSERT INTO public.health VALUES (1, 'here', 'up', '2026-03-01 12:00:00+00', 'it''s ok', 0, 0, NULL, true, '2026-03-01 12:11:00+00', '2026-03-01 12:00:00+00');
INSERT INTO public.health VALUES (2, 'here', 'up', '2026-03-01 12:00:00+00', 'it''s ok', 0, 0, NULL, true, '2026-03-01 12:08:00+00', '2026-03-01 12:00:00+00');
INSERT INTO public.result VALUES (1, '2026-03-01 12:01:00+00', 'completion', 'here', 0, '48ba2f645b16', '2026-03-01 12:01:00+00', 0, 'ok', 'none', 'test', NULL, 200, NULL, NULL, NULL, true, NULL, 0.02, 0.03, NULL, NULL, false, 0.26, 0.3, 0.5, NULL, 32, 30, 16, NULL, NULL, 16, 3000, 1e-05, 'stop', 'req_1', NULL, NULL, false);
INSERT INTO public.result VALUES (2, '2026-03-01 12:01:00+00', 'completion', 'here', 0, 'a87dc7052f53', '2026-03-01 12:01:00+00', 0, 'ok', 'none', 'test', NULL, 200, NULL, NULL, NULL, true, NULL, 0.02, 0.03, NULL, NULL, false, 0.26, 0.3, 0.5, NULL, 32, 30, 16, NULL, NULL, 16, 3000, 1e-05, 'stop', 'req_1', NULL, NULL, false);
INSERT INTO public.result VALUES (1, '2026-03-01 12:02:00+00', 'completion', 'here', 0, '37cd18d873c5', '2026-03-01 12:02:00+00', 0, 'ok', 'none', 'test', NULL, 200, NULL, NULL, NULL, true, NULL, 0.02, 0.03, NULL, NULL, false, 0.27, 0.3, 0.5, NULL, 32, 30, 16, NULL, NULL, 16, 3000, 1e-05, 'stop', 'req_2', NULL, NULL, false);
INSERT INTO public.result VALUES (2, '2026-03-01 12:02:00+00', 'completion', 'here', 0, '705ca931c500', '2026-03-01 12:02:00+00', 0, 'ok', 'none', 'test', NULL, 200, NULL, NULL, NULL, true, NULL, 0.02, 0.03, NULL, NULL, false, 0.27, 0.3, 0.5, NULL, 32, 30, 16, NULL, NULL, 16, 3000, 1e-05, 'stop', 'req_2', NULL, NULL, false);
INSERT INTO public.result VALUES (1, '2026-03-01 12:03:00+00', 'completion', 'here', 0, '0e723cbbc3ab', '2026-03-01 12:03:00+00', 0, 'ok', 'none', 'test', NULL, 200, NULL, NULL, NULL, true, NULL, 0.02, 0.03, NULL, NULL, false, 0.28, 0.3, 0.5, NULL, 32, 30, 16, NULL, NULL, 16, 3000, 1e-05, 'stop', 'req_3', NULL, NULL, false);
INSERT INTO public.result VALUES (2, '2026-03-01 12:03:00+00', 'completion', 'here', 0, 'be94e58c502c', '2026-03-01 12:03:00+00', 0, 'ok', 'none', 'test', NULL, 200, NULL, NULL, NULL, true, NULL, 0.02, 0.03, NULL, NULL, false, 0.28, 0.3, 0.5, NULL, 32, 30, 16, NULL, NULL, 16, 3000, 1e-05, 'stop', 'req_3', NULL, NULL, false);
INSERT INTO public.result VALUES (1, '2026-03-01 12:04:00+00', 'completion', 'here', 0, '8d0f902e8fda', '2026-03-01 12:04:00+00', 0, 'timeout', 'provider', 'test', NULL, NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false);
INSERT INTO public.result VALUES (2, '2026-03-01 12:04:00+00', 'completion', 'here', 0, '3d67623331bb', '2026-03-01 12:04:00+00', 0, 'timeout', 'provider', 'test', NULL, NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false);
INSERT INTO public.result VALUES (1, '2026-03-01 12:05:00+00', 'completion', 'here', 0, '3f55df5c5806', '2026-03-01 12:05:00+00', 0, 'ok', 'none', 'test', NULL, 200, NULL, NULL, NULL, true, NULL, 0.02, 0.03, NULL, NULL, false, 0.3, 0.3, 0.5, NULL, 32, 30, 16, NULL, NULL, 16, 3000, 1e-05, 'stop', 'req_5', NULL, NULL, false);
INSERT INTO public.result VALUES (2, '2026-03-01 12:05:00+00', 'completion', 'here', 0, 'd11d18b6efe9', '2026-03-01 12:05:00+00', 0, 'ok', 'none', 'test', NULL, 200, NULL, NULL, NULL, true, NULL, 0.02, 0.03, NULL, NULL, false, 0.3, 0.3, 0.5, NULL, 32, 30, 16, NULL, NULL, 16, 3000, 1e-05, 'stop', 'req_5', NULL, NULL, false);
INSERT INTO public.result VALUES (1, '2026-03-01 12:06:00+00', 'completion', 'here', 0, '5bd5aa4bda4e', '2026-03-01 12:06:00+00', 0, 'ok', 'none', 'test', NULL, 200, NULL, NULL, NULL, true, NULL, 0.02, 0.03, NULL, NULL, false, 0.31, 0.3, 0.5, NULL, 32, 30, 16, NULL, NULL, 16, 3000, 1e-05, 'stop', 'req_6', NULL, NULL, false);
INSERT INTO public.result VALUES (2, '2026-03-01 12:06:00+00', 'completion', 'here', 0, '1709ed2a43c8', '2026-03-01 12:06:00+00', 0, 'unauthorized', 'account', 'test', NULL, 200, NULL, NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false);
INSERT INTO public.result VALUES (1, '2026-03-01 12:07:00+00', 'completion', 'here', 0, 'ec3394504ca8', '2026-03-01 12:07:00+00', 0, 'ok', 'none', 'test', NULL, 200, NULL, NULL, NULL, true, NULL, 0.02, 0.03, NULL, NULL, false, 0.32, 0.3, 0.5, NULL, 32, 30, 16, NULL, NULL, 16, 3000, 1e-05, 'stop', 'req_7', NULL, NULL, false);
INSERT INTO public.result VALUES (2, '2026-03-01 12:07:00+00', 'completion', 'here', 0, 'e5f18b490ce8', '2026-03-01 12:07:00+00', 0, 'ok', 'none', 'test', NULL, 200, NULL, NULL, NULL, true, NULL, 0.02, 0.03, NULL, NULL, false, 0.32, 0.3, 0.5, NULL, 32, 30, 16, NULL, NULL, 16, 3000, 1e-05, 'stop', 'req_7', NULL, NULL, false);
INSERT INTO public.result VALUES (1, '2026-03-01 12:08:00+00', 'completion', 'here', 0, 'b926d11417ac', '2026-03-01 12:08:00+00', 0, 'ok', 'none', 'test', NULL, 200, NULL, NULL, NULL, true, NULL, 0.02, 0.03, NULL, NULL, false, 0.33, 0.3, 0.5, NULL, 32, 30, 16, NULL, NULL, 16, 3000, 1e-05, 'stop', 'req_8', NULL, NULL, false);
INSERT INTO public.result VALUES (2, '2026-03-01 12:08:00+00', 'completion', 'here', 0, '4df67e82526d', '2026-03-01 12:08:00+00', 0, 'ok', 'none', 'test', NULL, 200, NULL, NULL, NULL, true, NULL, 0.02, 0.03, NULL, NULL, false, 0.33, 0.3, 0.5, NULL, 32, 30, 16, NULL, NULL, 16, 3000, 1e-05, 'stop', 'req_8', NULL, NULL, false);
INSERT INTO public.result VALUES (1, '2026-03-01 12:04:12+00', 'completion', 'here', 1, 'a11ebcd1c1c7', '2026-03-01 12:04:12+00', 0, 'ok', 'none', 'test', NULL, 200, NULL, NULL, NULL, true, NULL, 0.02, 0.03, NULL, NULL, false, 0.292, 0.3, 0.5, NULL, 32, 30, 16, NULL, NULL, 16, 3000, 1e-05, 'stop', 'req_4.2', NULL, NULL, false);
INSERT INTO public.result VALUES (1, '2026-03-01 12:05:00+00', 'throughput', 'here', 0, '9904b685c471', '2026-03-01 12:05:00+00', 0, 'ok', 'none', 'test', NULL, 200, NULL, NULL, NULL, true, NULL, 0.02, 0.03, NULL, NULL, false, 0.3, 0.3, 0.5, 55.5, 32, 30, 16, 3, 0, 16, 3000, 1e-05, 'stop', 'req_5', NULL, NULL, false);
INSERT INTO public.result VALUES (2, '2026-03-01 12:09:00+00', 'completion', 'here', 0, '446c7fdb28ce', NULL, 0, 'missed', 'prober', 'test', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false);
INSERT INTO public.result VALUES (1, '2026-03-01 12:10:00+00', 'completion', 'here', 0, '6cb0f7be0005', '2026-03-01 12:10:00+00', 0, 'ok', 'none', 'test', NULL, 503, 'busy', 'Zu viele Anfragen ⏳; ''später''
nochmals', NULL, true, NULL, 0.02, 0.03, NULL, NULL, false, 0.35, 0.3, 0.5, NULL, 32, 30, 16, NULL, NULL, 16, 3000, 1e-05, 'stop', 'é ⏳ ''quoted''', NULL, NULL, false);
INSERT INTO public.result VALUES (1, '2026-03-01 15:00:00.123457+00', 'completion', 'here', 0, '2ae423cdfcdd', '2026-03-01 12:11:00+00', 0, 'ok', 'none', 'test', NULL, 200, NULL, NULL, NULL, true, NULL, 0.02, 0.03, NULL, NULL, false, 0.36, 0.3, 0.5, NULL, 32, 30, 16, NULL, NULL, 16, 3000, 1e-05, 'stop', 'req_11', NULL, NULL, false);
INSERT INTO public.schedule VALUES (1, 'throughput', 'here', 900, '2026-03-01 12:00:00+00', NULL);
INSERT INTO public.schedule VALUES (1, 'completion', 'here', 60, '2026-03-01 12:00:00+00', '2026-03-01 16:00:00+00');
INSERT INTO public.schedule VALUES (2, 'completion', 'here', 60, '2026-03-01 12:00:00+00', '2026-03-01 16:00:00+00');
INSERT INTO public.schedule VALUES (1, 'completion', 'here', 30, '2026-03-01 16:00:00+00', NULL);
INSERT INTO public.target VALUES (1, 'acme/large', 'acme', 'large', 'acme/large', NULL, 'openai_chat', '127.0.0.1:1', false, '2026-03-01 12:00:00+00', NULL);
INSERT INTO public.target VALUES (2, 'b/c@eu', 'b', 'c', 'b/c', NULL, 'openai_chat', '127.0.0.1:1', false, '2026-03-01 12:00:00+00', '2026-03-01 16:00:00+00');
INSERT INTO public.transition VALUES (1, 1, 'here', '2026-03-01 12:01:00+00', 'unknown', 'up', 'ok', NULL, '2026-03-01 12:01:00+00', '48ba2f645b16');
INSERT INTO public.transition VALUES (2, 2, 'here', '2026-03-01 12:01:00+00', 'unknown', 'up', 'ok', NULL, '2026-03-01 12:01:00+00', 'a87dc7052f53');
INSERT INTO public.transition VALUES (3, 1, 'here', '2026-03-01 12:04:00+00', 'unknown', 'degraded', 'timeout', '2026-03-01 12:04:00+00', '2026-03-01 12:04:00+00', '8d0f902e8fda');
INSERT INTO public.transition VALUES (4, 2, 'here', '2026-03-01 12:04:00+00', 'unknown', 'degraded', 'timeout', '2026-03-01 12:04:00+00', '2026-03-01 12:04:00+00', '3d67623331bb');
SELECT pg_catalog.setval('public.target_id_seq', 3, true);
SELECT pg_catalog.setval('public.transition_id_seq', 4, true);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.health
    ADD CONSTRAINT pk_health PRIMARY KEY (target_id, vantage);
ALTER TABLE ONLY public.result
    ADD CONSTRAINT pk_result PRIMARY KEY (target_id, slot_at, kind, vantage, confirm);
ALTER TABLE ONLY public.schedule
    ADD CONSTRAINT pk_schedule PRIMARY KEY (target_id, kind, vantage, valid_from_at);
ALTER TABLE ONLY public.target
    ADD CONSTRAINT pk_target PRIMARY KEY (id);
ALTER TABLE ONLY public.transition
    ADD CONSTRAINT pk_transition PRIMARY KEY (id);
ALTER TABLE ONLY public.target
    ADD CONSTRAINT uq_target_key UNIQUE (key);
ALTER TABLE ONLY public.transition
    ADD CONSTRAINT uq_transition_target_id_vantage_result_id UNIQUE (target_id, vantage, result_id);
CREATE INDEX ix_transition_vantage_at ON public.transition USING btree (vantage, at);
ALTER TABLE ONLY public.health
    ADD CONSTRAINT fk_health_target_id_target FOREIGN KEY (target_id) REFERENCES public.target(id);
ALTER TABLE ONLY public.result
    ADD CONSTRAINT fk_result_target_id_target FOREIGN KEY (target_id) REFERENCES public.target(id);
ALTER TABLE ONLY public.schedule
    ADD CONSTRAINT fk_schedule_target_id_target FOREIGN KEY (target_id) REFERENCES public.target(id);
ALTER TABLE ONLY public.transition
    ADD CONSTRAINT fk_transition_target_id_target FOREIGN KEY (target_id) REFERENCES public.target(id);
