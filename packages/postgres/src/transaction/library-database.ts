/** What `knex({ client: 'pg', … })` gives, or an object that does what it does. */
export interface KnexDatabase<Tx> {
  readonly raw: unknown;
  transaction(scope: (transaction: Tx) => Promise<unknown>): Promise<unknown>;
}

/** A `DataSource` of TypeORM, or an object that does what it does. */
export interface TypeOrmDatabase<Manager> {
  readonly manager: Manager;
  transaction(scope: (manager: Manager) => Promise<unknown>): Promise<unknown>;
}
