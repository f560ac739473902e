// Faults provoked in Chromium, and what a caller sees of them. Needs the package that scripts/build.sh makes.

import "./faults/opening.mjs";
import "./faults/connection.mjs";
import "./faults/health.mjs";
import "./faults/instance.mjs";
import "./faults/writing.mjs";
import "./faults/tabs.mjs";
import "./faults/waiting.mjs";
import "./faults/atomic.mjs";
import "./faults/watching.mjs";
import "./faults/bytes.mjs";
import "./faults/expiry.mjs";
import "./faults/finding.mjs";
import "./faults/damage.mjs";
import "./faults/streams.mjs";
import "./faults/sessions.mjs";
