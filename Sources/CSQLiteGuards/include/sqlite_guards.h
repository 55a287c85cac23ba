#ifndef JACQUARD_SQLITE_GUARDS_H
#define JACQUARD_SQLITE_GUARDS_H

// sqlite3_db_config takes any number of arguments, which Swift cannot call.

// Makes one connection (a sqlite3 *) defensive: no statement can spoil the file on purpose, and no function that has
// effects runs because a schema names it. Returns SQLite's result code. https://www.sqlite.org/security.html
int jacquard_guard_connection(void *connection);

#endif
