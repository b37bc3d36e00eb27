-- Does every foreign key of the current database find its row, and is every
-- unique key unique?  A load with foreign_key_checks and unique_checks off has
-- the server's word for neither.  Prints nothing if so, and fails otherwise.

SET NAMES utf8mb4;

DELIMITER //
BEGIN NOT ATOMIC
	-- Written from the catalog, so that no constraint is forgotten.
	FOR wanted IN (
		SELECT TABLE_NAME, CONSTRAINT_NAME, CONCAT(
				'SELECT COUNT(*) INTO @broken FROM `', TABLE_NAME,
				'` c LEFT JOIN `', REFERENCED_TABLE_NAME, '` p ON ',
				GROUP_CONCAT('p.`', REFERENCED_COLUMN_NAME, '` = c.`',
					COLUMN_NAME, '`' SEPARATOR ' AND '),
				' WHERE p.`', MIN(REFERENCED_COLUMN_NAME), '` IS NULL AND ',
				GROUP_CONCAT('c.`', COLUMN_NAME, '` IS NOT NULL'
					SEPARATOR ' AND ')) AS query
		FROM information_schema.KEY_COLUMN_USAGE
		WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NOT NULL
		GROUP BY TABLE_NAME, CONSTRAINT_NAME, REFERENCED_TABLE_NAME
		UNION ALL
		SELECT TABLE_NAME, CONSTRAINT_NAME, CONCAT(
				'SELECT COUNT(*) INTO @broken FROM (SELECT 1 FROM `',
				TABLE_NAME, '` WHERE ',
				GROUP_CONCAT('`', COLUMN_NAME, '` IS NOT NULL'
					SEPARATOR ' AND '),
				' GROUP BY ',
				GROUP_CONCAT('`', COLUMN_NAME, '`' ORDER BY ORDINAL_POSITION),
				' HAVING COUNT(*) > 1) d')
		FROM information_schema.KEY_COLUMN_USAGE
		WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NULL
			AND CONSTRAINT_NAME <> 'PRIMARY'
		GROUP BY TABLE_NAME, CONSTRAINT_NAME)
	DO
		EXECUTE IMMEDIATE wanted.query;
		IF @broken > 0 THEN
			SET @message = CONCAT(@broken, ' rows break ',
				wanted.TABLE_NAME, '.', wanted.CONSTRAINT_NAME);
			SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = @message;
		END IF;
	END FOR;
END//
DELIMITER ;
