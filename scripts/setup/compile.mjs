/**
 * Has Node compile every module of the server without running any: modules are all compiled before the first one runs, and the first one ends the process.
 * Listed is what nothing else imports, or only once it is needed.
 */

// oxlint-disable import/no-unassigned-import -- to load them is all there is to do
import 'data:text/javascript,process.exit(0)';
import '../../src/main.ts';
import '../../src/node.ts';
import '../../src/log/kafka/kafka-log.ts';
import '../../src/process/role.ts';
import '../../src/warehouse/engine/child.ts';
