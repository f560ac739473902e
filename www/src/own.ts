/** A record's own member: what is stored may be called as what every object has, such as `constructor`. */
export const ownOf = <T>(record: Readonly<Record<string, T>> | null | undefined, name: string): T | undefined =>
  record && Object.hasOwn(record, name) ? record[name] : undefined;
