// The script of a report: draws its charts when they come into view and makes its tables sortable and copyable.
import { drawCharts } from "./charts";
import { followPoints } from "./points";
import { equipTables } from "./tables";

equipTables(document, document);
drawCharts(document, document);
followPoints(document);
