// Steps of scripts: calls, each with its name.

/** A call that changes something. */
export const change = (name, act, more = {}) => ({ name, act, ...more });

/** A call that changes nothing. */
export const read = (name, act) => ({ name, act, reads: true });

/** A call that only makes sense where there is a storage, so that the reference leaves it out. */
export const bare = (name, act) => ({ name, act: async (c) => void (await act(c)), reads: true, bare: true });

/** What happens in memory alone, whatever the storage does. */
export const local = (name, act) => ({ name, act, local: true });
