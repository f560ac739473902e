import { stageOf } from "../page-stage.mjs";
import { SnapshotsPage } from "./snapshots-page.mjs";

export const stage = stageOf("snapshots", SnapshotsPage);
