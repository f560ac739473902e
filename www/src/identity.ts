import { element, input, part } from "./dom";
import { START } from "./location";
import { attempt, report } from "./notice";
import type { Session } from "./session";

const REMEMBERED = 12;

/** The explorer keeps its own data where all agents do: in the store, under a user of its own. */
const OWN_USER = "agent-datastore-explorer";

type Seen = { users: string[]; agents: string[] };

function addFirst(names: readonly string[], name: string): string[] {
  return [name, ...names.filter((other) => other !== name)].filter((each) => each !== "").slice(0, REMEMBERED);
}

/** Who looks: the user whose data is shown, and the agent in whose name the explorer writes. */
export function setUpIdentity(session: Session): void {
  const user = input("identity-user");
  const agent = input("identity-agent");
  const own = session.database.dataStore({ user: OWN_USER, agent: null, namespace: "recent" });

  const go = (): void => {
    try {
      const other = user.value !== session.place.user;
      session.go({ user: user.value, agent: agent.value, ...(other ? { namespace: START.namespace } : {}) });
    } catch (error) {
      report(error);
    }
  };
  const form = part("identity-form", HTMLFormElement);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", () => {
    if (form.reportValidity()) go();
  });

  const remember = async (): Promise<void> => {
    const before = await own.get<Seen, Seen>("seen", { users: [], agents: [] });
    const { place } = session;
    const seen = { users: addFirst(before.users, place.user), agents: addFirst(before.agents, place.agent) };
    if (JSON.stringify(seen) !== JSON.stringify(before)) await own.set("seen", seen);
    const options = (names: string[]): HTMLElement[] => names.map((name) => element("option", { value: name }));
    part("identity-users", HTMLElement).replaceChildren(...options(seen.users));
    part("identity-agents", HTMLElement).replaceChildren(...options(seen.agents));
  };

  let remembered = "";
  session.onMove(() => {
    user.value = session.place.user;
    agent.value = session.place.agent;
    const who = JSON.stringify([user.value, agent.value]);
    if (who === remembered) return;
    remembered = who;
    void attempt(remember);
  });
}
