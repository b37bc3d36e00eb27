-- Does every foreign key of the current database find its row, and is every
-- unique key unique?  A load with foreign_key_checks and unique_checks off has
-- the server's word for neither.  Prints the statements that tell, written from
-- the catalog so that no constraint is forgotten: each prints how many rows
-- break its constraint, or nothing.

SET NAMES utf8mb4;

SELECT CONCAT(
		'SELECT CONCAT(COUNT(*), '' rows break ', TABLE_NAME, '.', CONSTRAINT_NAME,
		''') FROM `', TABLE_NAME,
		'` c LEFT JOIN `', REFERENCED_TABLE_NAME, '` p ON ',
		GROUP_CONCAT('p.`', REFERENCED_COLUMN_NAME, '` = c.`',
			COLUMN_NAME, '`' SEPARATOR ' AND '),
		' WHERE p.`', MIN(REFERENCED_COLUMN_NAME), '` IS NULL AND ',
		GROUP_CONCAT('c.`', COLUMN_NAME, '` IS NOT NULL' SEPARATOR ' AND '),
		' HAVING COUNT(*) > 0;')
FROM information_schema.KEY_COLUMN_USAGE
WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NOT NULL
GROUP BY TABLE_NAME, CONSTRAINT_NAME, REFERENCED_TABLE_NAME
UNION ALL
SELECT CONCAT(
		'SELECT CONCAT(COUNT(*), '' rows break ', TABLE_NAME, '.', CONSTRAINT_NAME,
		''') FROM (SELECT 1 FROM `', TABLE_NAME, '` WHERE ',
		GROUP_CONCAT('`', COLUMN_NAME, '` IS NOT NULL' SEPARATOR ' AND '),
		' GROUP BY ',
		GROUP_CONCAT('`', COLUMN_NAME, '`' ORDER BY ORDINAL_POSITION),
		' HAVING COUNT(*) > 1) d HAVING COUNT(*) > 0;')
FROM information_schema.KEY_COLUMN_USAGE
WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NULL
	AND CONSTRAINT_NAME <> 'PRIMARY'
GROUP BY TABLE_NAME, CONSTRAINT_NAME;
