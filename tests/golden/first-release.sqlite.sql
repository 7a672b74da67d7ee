BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE health (
	target_id INTEGER NOT NULL, 
	vantage TEXT NOT NULL, 
	state TEXT NOT NULL, 
	since_at INTEGER, 
	reason TEXT, 
	consecutive_failures INTEGER NOT NULL, 
	consecutive_successes INTEGER NOT NULL, 
	failing_since_at INTEGER, 
	ever_worked BOOLEAN NOT NULL, 
	last_result_at INTEGER, 
	last_success_at INTEGER, 
	CONSTRAINT pk_health PRIMARY KEY (target_id, vantage), 
	CONSTRAINT fk_health_target_id_target FOREIGN KEY(target_id) REFERENCES target (id)
);
INSERT INTO "health" VALUES(1,'here','up',1772366400000000,'it''s ok',0,0,NULL,1,1772367060000000,1772366400000000);
INSERT INTO "health" VALUES(2,'here','up',1772366400000000,'it''s ok',0,0,NULL,1,1772366880000000,1772366400000000);
CREATE TABLE result (
	target_id INTEGER NOT NULL, 
	slot_at INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	vantage TEXT NOT NULL, 
	confirm INTEGER NOT NULL, 
	result_id TEXT NOT NULL, 
	started_at INTEGER, 
	schedule_delay_seconds DOUBLE, 
	outcome TEXT NOT NULL, 
	fault TEXT NOT NULL, 
	rule TEXT NOT NULL, 
	phase TEXT, 
	http_status INTEGER, 
	provider_code TEXT, 
	message TEXT, 
	retry_after_seconds DOUBLE, 
	openrouter_good BOOLEAN, 
	dns_seconds DOUBLE, 
	connect_seconds DOUBLE, 
	tls_seconds DOUBLE, 
	first_byte_seconds DOUBLE, 
	headers_seconds DOUBLE, 
	reused BOOLEAN, 
	ttft_seconds DOUBLE, 
	ttfat_seconds DOUBLE, 
	duration_seconds DOUBLE, 
	output_tokens_per_second DOUBLE, 
	e2e_tokens_per_second DOUBLE, 
	input_tokens BIGINT, 
	output_tokens BIGINT, 
	reasoning_tokens BIGINT, 
	cached_tokens BIGINT, 
	reads INTEGER, 
	received_bytes BIGINT, 
	cost_usd DOUBLE, 
	finish_reason TEXT, 
	request_id TEXT, 
	loop_lag_seconds DOUBLE, 
	observation_delay_seconds DOUBLE, 
	tainted BOOLEAN NOT NULL, 
	CONSTRAINT pk_result PRIMARY KEY (target_id, slot_at, kind, vantage, confirm), 
	CONSTRAINT fk_result_target_id_target FOREIGN KEY(target_id) REFERENCES target (id)
)
 WITHOUT ROWID

;
INSERT INTO "result" VALUES(1,1772366460000000,'completion','here',0,'48ba2f645b16',1772366460000000,0.0,'ok','none','test',NULL,200,NULL,NULL,NULL,1,NULL,0.02,0.03,NULL,NULL,0,0.26,0.3,0.5,NULL,32.0,30,16,NULL,NULL,16,3000,1.0e-05,'stop','req_1',NULL,NULL,0);
INSERT INTO "result" VALUES(1,1772366520000000,'completion','here',0,'37cd18d873c5',1772366520000000,0.0,'ok','none','test',NULL,200,NULL,NULL,NULL,1,NULL,0.02,0.03,NULL,NULL,0,0.27,0.3,0.5,NULL,32.0,30,16,NULL,NULL,16,3000,1.0e-05,'stop','req_2',NULL,NULL,0);
INSERT INTO "result" VALUES(1,1772366580000000,'completion','here',0,'0e723cbbc3ab',1772366580000000,0.0,'ok','none','test',NULL,200,NULL,NULL,NULL,1,NULL,0.02,0.03,NULL,NULL,0,0.28,0.3,0.5,NULL,32.0,30,16,NULL,NULL,16,3000,1.0e-05,'stop','req_3',NULL,NULL,0);
INSERT INTO "result" VALUES(1,1772366640000000,'completion','here',0,'8d0f902e8fda',1772366640000000,0.0,'timeout','provider','test',NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "result" VALUES(1,1772366652000000,'completion','here',1,'a11ebcd1c1c7',1772366652000000,0.0,'ok','none','test',NULL,200,NULL,NULL,NULL,1,NULL,0.02,0.03,NULL,NULL,0,0.292,0.3,0.5,NULL,32.0,30,16,NULL,NULL,16,3000,1.0e-05,'stop','req_4.2',NULL,NULL,0);
INSERT INTO "result" VALUES(1,1772366700000000,'completion','here',0,'3f55df5c5806',1772366700000000,0.0,'ok','none','test',NULL,200,NULL,NULL,NULL,1,NULL,0.02,0.03,NULL,NULL,0,0.3,0.3,0.5,NULL,32.0,30,16,NULL,NULL,16,3000,1.0e-05,'stop','req_5',NULL,NULL,0);
INSERT INTO "result" VALUES(1,1772366700000000,'throughput','here',0,'9904b685c471',1772366700000000,0.0,'ok','none','test',NULL,200,NULL,NULL,NULL,1,NULL,0.02,0.03,NULL,NULL,0,0.3,0.3,0.5,55.5,32.0,30,16,3,0,16,3000,1.0e-05,'stop','req_5',NULL,NULL,0);
INSERT INTO "result" VALUES(1,1772366760000000,'completion','here',0,'5bd5aa4bda4e',1772366760000000,0.0,'ok','none','test',NULL,200,NULL,NULL,NULL,1,NULL,0.02,0.03,NULL,NULL,0,0.31,0.3,0.5,NULL,32.0,30,16,NULL,NULL,16,3000,1.0e-05,'stop','req_6',NULL,NULL,0);
INSERT INTO "result" VALUES(1,1772366820000000,'completion','here',0,'ec3394504ca8',1772366820000000,0.0,'ok','none','test',NULL,200,NULL,NULL,NULL,1,NULL,0.02,0.03,NULL,NULL,0,0.32,0.3,0.5,NULL,32.0,30,16,NULL,NULL,16,3000,1.0e-05,'stop','req_7',NULL,NULL,0);
INSERT INTO "result" VALUES(1,1772366880000000,'completion','here',0,'b926d11417ac',1772366880000000,0.0,'ok','none','test',NULL,200,NULL,NULL,NULL,1,NULL,0.02,0.03,NULL,NULL,0,0.33,0.3,0.5,NULL,32.0,30,16,NULL,NULL,16,3000,1.0e-05,'stop','req_8',NULL,NULL,0);
INSERT INTO "result" VALUES(1,1772367000000000,'completion','here',0,'6cb0f7be0005',1772367000000000,0.0,'ok','none','test',NULL,503,'busy','Zu viele Anfragen ⏳; ''später''
nochmals',NULL,1,NULL,0.02,0.03,NULL,NULL,0,0.35,0.3,0.5,NULL,32.0,30,16,NULL,NULL,16,3000,1.0e-05,'stop','é ⏳ ''quoted''',NULL,NULL,0);
INSERT INTO "result" VALUES(1,1772377200123457,'completion','here',0,'2ae423cdfcdd',1772367060000000,0.0,'ok','none','test',NULL,200,NULL,NULL,NULL,1,NULL,0.02,0.03,NULL,NULL,0,0.36,0.3,0.5,NULL,32.0,30,16,NULL,NULL,16,3000,1.0e-05,'stop','req_11',NULL,NULL,0);
INSERT INTO "result" VALUES(2,1772366460000000,'completion','here',0,'a87dc7052f53',1772366460000000,0.0,'ok','none','test',NULL,200,NULL,NULL,NULL,1,NULL,0.02,0.03,NULL,NULL,0,0.26,0.3,0.5,NULL,32.0,30,16,NULL,NULL,16,3000,1.0e-05,'stop','req_1',NULL,NULL,0);
INSERT INTO "result" VALUES(2,1772366520000000,'completion','here',0,'705ca931c500',1772366520000000,0.0,'ok','none','test',NULL,200,NULL,NULL,NULL,1,NULL,0.02,0.03,NULL,NULL,0,0.27,0.3,0.5,NULL,32.0,30,16,NULL,NULL,16,3000,1.0e-05,'stop','req_2',NULL,NULL,0);
INSERT INTO "result" VALUES(2,1772366580000000,'completion','here',0,'be94e58c502c',1772366580000000,0.0,'ok','none','test',NULL,200,NULL,NULL,NULL,1,NULL,0.02,0.03,NULL,NULL,0,0.28,0.3,0.5,NULL,32.0,30,16,NULL,NULL,16,3000,1.0e-05,'stop','req_3',NULL,NULL,0);
INSERT INTO "result" VALUES(2,1772366640000000,'completion','here',0,'3d67623331bb',1772366640000000,0.0,'timeout','provider','test',NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "result" VALUES(2,1772366700000000,'completion','here',0,'d11d18b6efe9',1772366700000000,0.0,'ok','none','test',NULL,200,NULL,NULL,NULL,1,NULL,0.02,0.03,NULL,NULL,0,0.3,0.3,0.5,NULL,32.0,30,16,NULL,NULL,16,3000,1.0e-05,'stop','req_5',NULL,NULL,0);
INSERT INTO "result" VALUES(2,1772366760000000,'completion','here',0,'1709ed2a43c8',1772366760000000,0.0,'unauthorized','account','test',NULL,200,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "result" VALUES(2,1772366820000000,'completion','here',0,'e5f18b490ce8',1772366820000000,0.0,'ok','none','test',NULL,200,NULL,NULL,NULL,1,NULL,0.02,0.03,NULL,NULL,0,0.32,0.3,0.5,NULL,32.0,30,16,NULL,NULL,16,3000,1.0e-05,'stop','req_7',NULL,NULL,0);
INSERT INTO "result" VALUES(2,1772366880000000,'completion','here',0,'4df67e82526d',1772366880000000,0.0,'ok','none','test',NULL,200,NULL,NULL,NULL,1,NULL,0.02,0.03,NULL,NULL,0,0.33,0.3,0.5,NULL,32.0,30,16,NULL,NULL,16,3000,1.0e-05,'stop','req_8',NULL,NULL,0);
INSERT INTO "result" VALUES(2,1772366940000000,'completion','here',0,'446c7fdb28ce',NULL,0.0,'missed','prober','test',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
CREATE TABLE schedule (
	target_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	vantage TEXT NOT NULL, 
	interval_seconds DOUBLE NOT NULL, 
	valid_from_at INTEGER NOT NULL, 
	valid_to_at INTEGER, 
	CONSTRAINT pk_schedule PRIMARY KEY (target_id, kind, vantage, valid_from_at), 
	CONSTRAINT fk_schedule_target_id_target FOREIGN KEY(target_id) REFERENCES target (id)
);
INSERT INTO "schedule" VALUES(1,'completion','here',60.0,1772366400000000,1772380800000000);
INSERT INTO "schedule" VALUES(1,'throughput','here',900.0,1772366400000000,NULL);
INSERT INTO "schedule" VALUES(2,'completion','here',60.0,1772366400000000,1772380800000000);
INSERT INTO "schedule" VALUES(1,'completion','here',30.0,1772380800000000,NULL);
CREATE TABLE target (
	id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	provider TEXT NOT NULL, 
	model TEXT NOT NULL, 
	"group" TEXT NOT NULL, 
	region TEXT, 
	dialect TEXT NOT NULL, 
	host TEXT NOT NULL, 
	simulated BOOLEAN NOT NULL, 
	first_seen_at INTEGER NOT NULL, 
	retired_at INTEGER, 
	CONSTRAINT pk_target PRIMARY KEY (id), 
	CONSTRAINT uq_target_key UNIQUE ("key")
);
INSERT INTO "target" VALUES(1,'acme/large','acme','large','acme/large',NULL,'openai_chat','127.0.0.1:1',0,1772366400000000,NULL);
INSERT INTO "target" VALUES(2,'b/c@eu','b','c','b/c',NULL,'openai_chat','127.0.0.1:1',0,1772366400000000,1772380800000000);
CREATE TABLE transition (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	target_id INTEGER NOT NULL, 
	vantage TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	old_state TEXT NOT NULL, 
	new_state TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	incident_at INTEGER, 
	slot_at INTEGER NOT NULL, 
	result_id TEXT NOT NULL, 
	CONSTRAINT fk_transition_target_id_target FOREIGN KEY(target_id) REFERENCES target (id), 
	CONSTRAINT uq_transition_target_id_vantage_result_id UNIQUE (target_id, vantage, result_id)
);
INSERT INTO "transition" VALUES(1,1,'here',1772366460000000,'unknown','up','ok',NULL,1772366460000000,'48ba2f645b16');
INSERT INTO "transition" VALUES(2,2,'here',1772366460000000,'unknown','up','ok',NULL,1772366460000000,'a87dc7052f53');
INSERT INTO "transition" VALUES(3,1,'here',1772366640000000,'unknown','degraded','timeout',1772366640000000,1772366640000000,'8d0f902e8fda');
INSERT INTO "transition" VALUES(4,2,'here',1772366640000000,'unknown','degraded','timeout',1772366640000000,1772366640000000,'3d67623331bb');
CREATE INDEX ix_transition_vantage_at ON transition (vantage, at);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('transition',4);
COMMIT;
